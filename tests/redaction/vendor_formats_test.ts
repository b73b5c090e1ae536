import { test } from "node:test";
import { assertEquals, assertMatch } from "@std/assert";
import { redactSecrets } from "../../src/redaction/secrets.ts";
import {
  INSIDE_FORMATS,
  SECRET_PATHS,
  TAIL_FORMATS,
  VENDOR_FORMATS,
} from "../../src/redaction/vendor_formats.ts";
import { fill, isHidden, randomOf } from "./corpus.ts";

const FORMATS = [...VENDOR_FORMATS, ...SECRET_PATHS, ...INSIDE_FORMATS, ...TAIL_FORMATS];

/** What follows the prefix of each vendor's secrets, as a template. No secret is real. */
const BODIES: Readonly<Record<string, string>> = {
  "1Password secret key": "{U6}-{U6}-{U5}-{U5}-{U5}-{U5}",
  "1Password service account": "{b200}",
  "Adobe": "{a32}",
  "age": "{U58}",
  "Airtable": "{A14}.{x64}",
  "Alibaba": "{A20}",
  "Anthropic": "api03-{w93}AA",
  "Apify": "{A36}",
  "Artifactory": "{A69}",
  "Artifactory reference": "{A59}",
  "Astra": "{A24}:{x64}",
  "Atlassian": "{b180}={x8}",
  "Authress": "{a8}.{a4}.acc-{a12}.{b40}",
  "AWS access key": "{U16}",
  "AWS access key, old": "{U17}",
  "AWS Bedrock": "{b110}",
  "AWS Bedrock, short-lived": "{b60}",
  "Bitbucket": "{A32}",
  "Brave": "{w10}7{w17}",
  "Brevo": "{x64}-{A16}",
  "Browserbase": "{w27}",
  "Buildkite": "{a40}",
  "Cerebras": "{a48}",
  "CircleCI": "{A22}_{x40}",
  "ClickUp": "{d8}_{U32}",
  "ClickHouse": "{A38}",
  "Clojars": "{a60}",
  "Cloudflare": "{A40}{x8}",
  "Cloudflare, global": "{A40}{x8}",
  "Cloudflare origin": "{x24}-{x146}",
  "Contentful": "{w43}",
  "Databricks": "{x32}-2",
  "Defined Networking": "{A26}-{A52}",
  "Deno": "{A36}",
  "DigitalOcean": "{x64}",
  "Discord": "w{A21}.{w6}.{w38}",
  "Docker": "{w27}",
  "Doppler": "{A43}",
  "Dropbox": "{w135}",
  "Dropbox, newer": "{w140}",
  "Duffel": "{w43}",
  "Dynatrace": "{U24}.{U64}",
  "E2B": "{x40}",
  "EasyPost": "{A54}",
  "ElevenLabs": "{x48}",
  "Facebook": "{A120}",
  "Figma": "{w40}",
  "Firecrawl": "{x32}",
  "Fireworks": "{A11}7{A12}",
  "Flutterwave": "{a32}-X",
  "Fly.io": "{w60}",
  "Frame.io": "{w64}",
  "GitHub": "{A36}",
  "GitLab": "{w20}",
  "GitLab session": "{a32}",
  "GitLab runner": "{w20}",
  "Google API key": "{w35}",
  "Google OAuth client": "{w28}",
  "Google OAuth token": "a0{w120}",
  "Google refresh token": "g{w40}-L9Ir{w30}",
  "Grafana": "{A32}_{x8}",
  "Grafana, old": "{A80}",
  "Groq": "{A52}",
  "Harness": "{w22}.{A24}.{A20}",
  "Heroku": "{w58}",
  "HubSpot": "{x8}-{x4}-{x4}-{x4}-{x12}",
  "Hugging Face": "{l34}",
  "Infracost": "{A32}",
  "Intra42": "{x64}",
  "Jina": "{A60}",
  "JSON web token": "{A30}.{w60}.{w43}",
  "JSON web token, spaced": "{A30}.ey{w60}.{w43}",
  "JSON web token in base64": "{A100}",
  "Klaviyo": "{x34}",
  "LangSmith": "{x32}_{x10}",
  "LaunchDarkly": "{x8}-{x4}-4{x3}-{x4}-{x12}",
  "Linear": "{A40}",
  "MailerSend": "{a64}",
  "Mailgun": "{x32}",
  "Mapbox": "{A60}.{A22}",
  "MongoDB": "{w40}",
  "Neon": "{a64}",
  "Netlify": "{A36}",
  "New Relic": "{U27}",
  "Notion": "{A46}",
  "npm": "{A36}",
  "Private key in base64": "{b120}",
  "NVIDIA": "{w64}",
  "Octopus Deploy": "{U26}",
  "OpenAI and others": "proj-{w74}T3BlbkFJ{w74}",
  "OpenAI, old": "{A20}T3BlbkFJ{A20}",
  "Langfuse": "{x8}-{x4}-{x4}-{x4}-{x12}",
  "OpenShift": "{w43}",
  "Paddle": "{a26}_{A22}_{A3}",
  "Perplexity": "{A48}",
  "Pinecone": "{A6}_{A63}",
  "Plaid": "{x8}-{x4}-{x4}-{x4}-{x12}",
  "PlanetScale": "{w43}",
  "Polar": "{A43}",
  "PostHog": "{A43}",
  "Postman": "{x24}-{x34}",
  "Prefect": "{A36}",
  "Pulumi": "{x40}",
  "PyPI": "IcHlwaS5vcmc{w150}",
  "Ramp": "{A48}",
  "Razorpay": "{A14}",
  "ReadMe": "{a70}",
  "Render": "{A28}",
  "Replicate": "{A37}",
  "Resend": "{A8}_{A24}",
  "Rootly": "{x64}",
  "RubyGems": "{x48}",
  "RunPod": "{U40}{A6}",
  "Scalingo": "{w48}",
  "Segment": "{A64}",
  "SendGrid": "{w22}.{w43}",
  "Sentry": "{x64}",
  "Sentry organisation": "{b120}_{b43}",
  "SettleMint": "{A16}",
  "Shippo": "{x40}",
  "Shopify": "{x32}",
  "Slack": "{d12}-{d13}-{A24}",
  "Slack configuration": "1-{U163}",
  "SonarQube": "{a40}",
  "Sourcegraph": "{x16}_{x40}",
  "Square": "{w60}",
  "Stripe": "51{A24}",
  "Supabase": "{a40}",
  "Tailscale": "auth-{A12}CNTRL-{A32}",
  "Tavily": "dev-{A32}",
  "Together": "{w43}",
  "Twilio": "{x32}",
  "Typeform": "{w44}",
  "Unkey": "{A24}",
  "Vercel": "{w56}",
  "Weights & Biases": "{A77}",
  "Vault": "{w95}",
  "xAI": "{A80}",
  "Yandex": "{w60}.{w86}",
  "Yandex API key": "{w35}",
  "Slack webhook": "T{U8}/B{U8}/{A24}",
  "Discord webhook": "{d18}/{w68}",
  "Teams webhook": "{x8}-{x4}-{x4}-{x4}-{x12}@{x8}-{x4}/IncomingWebhook/{A32}/{x8}",
  "Telegram": "{d9}:AA{w33}",
  "Azure AD": "{A34}",
  "Terraform": "{A67}",
  "Mailchimp": "{d2}",
  "MaxMind": "",
};

/** What stands before the formats that are known by a mark inside. */
const HEADS: Readonly<Record<string, string>> = {
  "Azure AD": "{A3}{d1}",
  "Terraform": "{A14}",
  "Mailchimp": "{x32}",
  "MaxMind": "{A6}_{A29}",
};

test("E: every vendor's format has a source and a sample", () => {
  assertEquals(FORMATS.map(([vendor]) => vendor).sort(), Object.keys(BODIES).sort());
  for (const [vendor, , , , source] of FORMATS) {
    assertMatch(
      source,
      /^(?:(?:better|git)leaks\/\w+\.go|kingfisher\/\w+\.yml|trufflehog\/\w+|https:\/\/\S+)$/,
      vendor,
    );
  }
});

const random = randomOf(7);
for (const [vendor, prefixes] of FORMATS) {
  test(`E: a secret of ${vendor} is found wherever it stands`, () => {
    for (const prefix of prefixes.split(" ")) {
      const { text: head } = fill(HEADS[vendor] ?? "", random);
      const { text: body } = fill(BODIES[vendor]!, random);
      const secret = `${head}${prefix}${body}`;
      const hidden = vendor === "Mailchimp" || vendor === "MaxMind" ? head : body;
      for (
        const form of ["{s}", "no {s}.", '"{s}"', "\\n{s}\\n", "a={s}&b", "(https://x.dev/{s})"]
      ) {
        const shown = redactSecrets(form.replace("{s}", () => secret));
        assertEquals(isHidden(hidden, shown), true, `${form} ${secret} ${shown}`);
      }
      assertEquals(redactSecrets(`see ${secret} there`).endsWith(" there"), true);
    }
  });
}

test("E: no format makes a search long: bounded repetitions of single classes, one after the other", () => {
  for (const [vendor, , body] of FORMATS) {
    const [, unbounded] = /((?:[*+]|\{\d+,\})(?!\?))/.exec(body.replace(/\[[^\]]*\]/g, "C")) ?? [];
    assertEquals(unbounded, undefined, `${vendor} repeats without a bound`);
    assertEquals(/\)[*+{]/.test(body), false, `${vendor} repeats a group`);
    for (const [, most = "0"] of body.matchAll(/\{(?:\d+,)?(\d+)\}/g)) {
      assertEquals(Number(most) <= 1024, true, `${vendor} repeats ${most} times`);
    }
  }
});

test("a secret keeps its ends, and nothing if it is short", () => {
  assertEquals(redactSecrets("sk_live_0123456789abcdef"), "sk_liv...cdef");
  assertEquals(redactSecrets("sk_live_012345678"), "[REDACTED]");
});
