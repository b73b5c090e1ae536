/** The shapes of the secrets of known vendors. */

/**
 * - `prefixes`: what such a secret begins with, separated by spaces.
 * - `body`: the least that follows, as the source of a regular expression. It must not search for long: one
 *   class of characters after the other, with an upper bound wherever more comes behind it. Where it begins with
 *   `^`, the prefix has to begin a word, and no part of one.
 * - `rest`: the class of the characters that belong to it still.
 * - `source`: where the shape is described: a rule of gitleaks
 *   (https://github.com/gitleaks/gitleaks/tree/b58d3f1/cmd/generate/config/rules), a detector of trufflehog
 *   (https://github.com/trufflesecurity/trufflehog/tree/3ab759f/pkg/detectors), a rule of betterleaks
 *   (https://github.com/betterleaks/betterleaks/tree/6381fa4/cmd/generate/config/rules) or of kingfisher
 *   (https://github.com/mongodb/kingfisher/tree/701508d/crates/kingfisher-rules/data/rules), or the vendor's page.
 */
export type VendorFormat = readonly [
  vendor: string,
  prefixes: string,
  body: string,
  rest: string,
  source: string,
];

const A = "[A-Za-z0-9]";
const W = "[A-Za-z0-9_-]";
const D = "[A-Za-z0-9_.-]";
const B = "[A-Za-z0-9+/=_-]";
const E = "[\\w=.-]";
const H = "[A-Fa-f0-9]";
const U = "[A-Z0-9]";
// What names in source code seldom have: a digit or a capital within the first few letters.
const X = "(?=[a-z_-]{0,19}[A-Z0-9])";
const UUID = `${H}{8}-${H}{4}-${H}{4}-${H}{4}-${H}{12}`;

const FIGMA = "figd_ figp_ figo_ figu_ figoh_ figur_ figor_";
const GITLAB =
  "glpat- glptt- gldt- glrt- glft- glimt- glagent- glcbt- gloas- glsoat- glffct- glrtr-";
const GOOGLE = "https://developers.google.com/identity/protocols/oauth2";
const OPENAI = "(?:proj|svcacct|admin|service|live|test|or-v1|lf)";
const STRIPE = "sk_live_ sk_test_ sk_prod_ sk_org_live_ sk_org_test_ rk_live_ rk_test_ rk_prod_ " +
  "ek_live_ ek_test_ whsec_";
const SLACK = "xoxa- xoxb- xoxc- xoxd- xoxe- xoxo- xoxp- xoxr- xoxs- xapp-";

/** All of them. */
export const VENDOR_FORMATS: readonly VendorFormat[] = [
  ["1Password secret key", "A3-", `${U}{6}-${U}{6,11}-`, `[A-Z0-9-]`, "gitleaks/1password.go"],
  ["1Password service account", "ops_eyJ", `${B}{20}`, B, "gitleaks/1password.go"],
  ["Adobe", "p8e-", `${A}{20}`, A, "gitleaks/adobe.go"],
  ["age", "AGE-SECRET-KEY-1", `${U}{58}`, U, "gitleaks/age.go"],
  ["Airtable", "pat", `${A}{14}\\.${H}{40}`, H, "gitleaks/airtable.go"],
  ["Alibaba", "LTAI", `${A}{16}`, A, "gitleaks/alibaba.go"],
  ["Anthropic", "sk-ant-", `${W}{8}`, W, "gitleaks/anthropic.go"],
  ["Apify", "apify_api_", `${A}{30}`, A, "betterleaks/apify.go"],
  ["Artifactory", "AKCp", `${A}{60}`, A, "gitleaks/artifactory.go"],
  ["Artifactory reference", "cmVmd", `${A}{59}`, A, "gitleaks/artifactory.go"],
  ["Astra", "AstraCS:", `${A}{20}`, "[\\w:]", "betterleaks/datastax.go"],
  ["Atlassian", "ATATT3 ATCTT3", `${B}{20}`, B, "gitleaks/atlassian.go"],
  [
    "Authress",
    "sc_ ext_ scauth_ authress_",
    `${A}{5,30}\\.${A}{4,6}\\.acc[_-][a-z0-9-]{10,32}\\.[A-Za-z0-9+/_=-]{30}`,
    B,
    "gitleaks/authress.go",
  ],
  ["AWS access key", "AKIA ASIA ABIA ACCA", `${U}{12}`, U, "gitleaks/aws.go"],
  ["AWS access key, old", "A3T", `${U}{17}`, U, "gitleaks/aws.go"],
  ["AWS Bedrock", "ABSK", `[A-Za-z0-9+/]{60}`, B, "gitleaks/aws.go"],
  ["AWS Bedrock, short-lived", "bedrock-api-key-", `${B}{20}`, B, "gitleaks/aws.go"],
  ["Bitbucket", "ATBB", `[A-Za-z0-9_=]{20}`, D, "trufflehog/bitbucketapppassword"],
  ["Brave", "BSA", `^(?=${W}{0,22}\\d)${W}{24}`, W, "betterleaks/brave.go"],
  ["Brevo", "xkeysib-", `${H}{32}`, W, "gitleaks/sendinblue.go"],
  ["Browserbase", "bb_live_ bb_test_", `${W}{27}`, W, "kingfisher/browserbase.yml"],
  ["Buildkite", "bkua_", `${A}{20}`, A, "trufflehog/buildkite"],
  ["Cerebras", "csk-", `^${A}{32}`, A, "betterleaks/cerebras.go"],
  ["CircleCI", "CCIPAT_", `${A}{22}_${H}{40}`, H, "trufflehog/circleci"],
  ["ClickUp", "pk_", `^\\d{7,9}_${U}{32}`, U, "trufflehog/clickuppersonaltoken"],
  ["ClickHouse", "4b1d", `${A}{38}`, A, "gitleaks/clickhouse.go"],
  ["Clojars", "CLOJARS_", `[A-Za-z0-9]{20}`, A, "gitleaks/clojars.go"],
  ["Cloudflare", "cfut_ cfat_", `${A}{20}`, A, "trufflehog/cloudflareapitoken"],
  ["Cloudflare, global", "cfk_", `${A}{20}`, A, "trufflehog/cloudflareglobalapikey"],
  ["Cloudflare origin", "v1.0-", `${H}{24}-${H}{60}`, H, "gitleaks/cloudflare.go"],
  ["Contentful", "CFPAT-", `${W}{20}`, W, "trufflehog/contentfulpersonalaccesstoken"],
  ["Databricks", "dapi", `${H}{32}`, `[A-Fa-f0-9-]`, "gitleaks/databricks.go"],
  ["Defined Networking", "dnkey-", `${B}{26}-${B}{40}`, B, "gitleaks/definednetworking.go"],
  ["Deno", "ddp_", `${A}{30}`, A, "betterleaks/deno.go"],
  ["DigitalOcean", "dop_v1_ doo_v1_ dor_v1_", `${H}{32}`, H, "gitleaks/digitalocean.go"],
  ["Discord", discord(), `${W}{20,26}\\.${W}{6}\\.${W}{27}`, W, "trufflehog/discordbottoken"],
  ["Docker", "dckr_pat_ dckr_oat_", `${W}{16}`, W, "trufflehog/dockerhub"],
  [
    "Doppler",
    "dp.ct. dp.pt. dp.st. dp.sa. dp.scim. dp.audit.",
    `${D}{40}`,
    D,
    "trufflehog/doppler",
  ],
  ["Dropbox", "sl.", `[A-Za-z0-9=_-]{100}`, B, "gitleaks/dropbox.go"],
  ["Dropbox, newer", "sl.u.", `[A-Za-z0-9=_-]{100}`, B, "trufflehog/dropbox"],
  ["Duffel", "duffel_live_ duffel_test_", `[A-Za-z0-9=_-]{40}`, B, "gitleaks/duffel.go"],
  ["Dynatrace", "dt0c01.", `${A}{24}\\.${A}{40}`, A, "gitleaks/dynatrace.go"],
  ["E2B", "e2b_", `${H}{20}`, H, "kingfisher/e2b.yml"],
  ["EasyPost", "EZAK EZTK", `${A}{32}`, A, "gitleaks/easypost.go"],
  ["ElevenLabs", "sk_", `${H}{48}`, H, "trufflehog/elevenlabs"],
  ["Facebook", "EAAM EAAC", `${A}{60}`, A, "gitleaks/facebook.go"],
  ["Figma", FIGMA, `${W}{20}`, B, "trufflehog/figmapersonalaccesstoken"],
  ["Firecrawl", "fc-", `^${H}{24}`, H, "kingfisher/firecrawl.yml"],
  ["Fireworks", "fw_", `^${X}${A}{20}`, A, "kingfisher/fireworksai.yml"],
  ["Flutterwave", "FLWSECK_TEST- FLWSECK- FLWPUBK_TEST-", `${A}{12}`, W, "gitleaks/flutterwave.go"],
  ["Fly.io", "fo1_ fm1a_ fm1r_ fm2_", `[A-Za-z0-9_+/-]{43}`, B, "gitleaks/flyio.go"],
  ["Frame.io", "fio-u-", `[A-Za-z0-9=_-]{50}`, B, "gitleaks/frameio.go"],
  ["GitHub", "ghp_ gho_ ghu_ ghs_ ghr_ github_pat_", `${W}{8}`, W, "gitleaks/github.go"],
  ["GitLab", GITLAB, `${W}{16}`, D, "gitleaks/gitlab.go"],
  ["GitLab session", "_gitlab_session=", `${A}{20}`, A, "gitleaks/gitlab.go"],
  ["GitLab runner", "GR1348941", `${W}{16}`, W, "gitleaks/gitlab.go"],
  ["Google API key", "AIza", `${W}{20}`, W, "gitleaks/gcp.go"],
  ["Google OAuth client", "GOCSPX-", `${W}{20}`, W, "kingfisher/google.yml"],
  ["Google OAuth token", "ya29.", `${W}{10}`, D, "trufflehog/googleoauth2"],
  ["Google refresh token", "1//0", `^${W}{40}`, W, GOOGLE],
  ["Grafana", "glc_ glsa_", `[A-Za-z0-9+/_]{20}`, B, "gitleaks/grafana.go"],
  ["Grafana, old", "eyJrIjoi", `${A}{60}`, B, "gitleaks/grafana.go"],
  ["Groq", "gsk_", `${A}{20}`, A, "trufflehog/groq"],
  ["Harness", "pat. sat.", `${W}{22}\\.${A}{24}\\.${A}{20}`, A, "gitleaks/harness.go"],
  ["Heroku", "HRKU-AA", `${W}{20}`, W, "gitleaks/heroku.go"],
  ["HubSpot", "pat-na1- pat-eu1-", UUID, H, "trufflehog/hubspot_apikey"],
  ["Hugging Face", "hf_ api_org_", `${A}{20}`, A, "gitleaks/huggingface.go"],
  ["Infracost", "ico-", `${A}{32}`, A, "gitleaks/infracost.go"],
  ["Intra42", "s-s4t2ud- s-s4t2af-", `${H}{40}`, H, "gitleaks/intra42.go"],
  ["Jina", "jina_", `${A}{20}`, A, "kingfisher/jina.yml"],
  // Two dots where a token is encrypted by a key that both sides know.
  ["JSON web token", "eyJ", `^${W}{5,1024}\\.{1,2}${W}{5}`, D, "gitleaks/jwt.go"],
  ["JSON web token, spaced", "eyA", `^${W}{5,1024}\\.ey${W}{5}`, D, "gitleaks/jwt.go"],
  ["JSON web token in base64", "ZXlK", `${A}{60}`, B, "gitleaks/jwt.go"],
  ["Klaviyo", "pk_", `^${H}{34}`, H, "trufflehog/klaviyo"],
  ["LangSmith", "lsv2_pt_ lsv2_sk_", `${H}{20}`, `[a-f0-9_]`, "trufflehog/langsmith"],
  ["LaunchDarkly", "api- sdk-", `^${UUID}`, H, "trufflehog/launchdarkly"],
  ["Linear", "lin_api_ lin_oauth_", `${A}{20}`, A, "gitleaks/linear.go"],
  ["MailerSend", "mlsn.", `${A}{30}`, A, "betterleaks/mailersend.go"],
  ["Mailgun", "key- pubkey-", `^${H}{32}`, H, "gitleaks/mailgun.go"],
  ["Mapbox", "pk. sk. tk.", `[A-Za-z0-9]{60}\\.[A-Za-z0-9_-]{22}`, W, "gitleaks/mapbox.go"],
  ["MongoDB", "mdb_sa_sk_", `${W}{40}`, W, "betterleaks/mongodb.go"],
  ["Neon", "napi_", `${A}{32}`, A, "betterleaks/neon.go"],
  ["Netlify", "nfp_", `${X}\\w{20}`, "[\\w]", "trufflehog/netlify"],
  ["New Relic", "NRAK- NRII- NRJS- NRIQ-", `${W}{19}`, W, "gitleaks/newrelic.go"],
  ["Notion", "ntn_ secret_", `${A}{40}`, A, "gitleaks/notion.go"],
  ["npm", "npm_", `${A}{20}`, A, "gitleaks/npm.go"],
  ["NVIDIA", "nvapi-", `${W}{20}`, W, "trufflehog/nvapi"],
  ["Octopus Deploy", "API-", `${U}{26}`, U, "gitleaks/octopusdeploy.go"],
  ["OpenAI and others", "sk-", `${OPENAI}-${W}{8}`, W, "gitleaks/openai.go"],
  ["OpenAI, old", "sk-", `^(?=${W}{8})(?:${W}{0,30}\\d|${A}{16})`, W, "gitleaks/openai.go"],
  ["Langfuse", "pk-lf-", `${W}{8}`, W, "trufflehog/langfuse"],
  ["OpenShift", "sha256~", `${W}{40}`, W, "gitleaks/openshift.go"],
  ["Paddle", "pdl_live_apikey_ pdl_sdbx_apikey_", `${A}{20}`, "[\\w]", "betterleaks/paddle.go"],
  ["Perplexity", "pplx-", `${A}{20}`, A, "gitleaks/perplexity.go"],
  ["Pinecone", "pcsk_", `${A}{5,6}_${A}{40}`, A, "trufflehog/pinecone"],
  ["Plaid", "access-sandbox- access-development- access-production-", UUID, H, "gitleaks/plaid.go"],
  ["PlanetScale", "pscale_tkn_ pscale_oauth_ pscale_pw_", `${E}{20}`, E, "gitleaks/planetscale.go"],
  ["Polar", "polar_oat_ polar_at_ polar_pat_", `${W}{20}`, W, "betterleaks/polar.go"],
  ["PostHog", "phx_", `${A}{20}`, W, "trufflehog/posthog"],
  ["Postman", "PMAK-", `${H}{24}-${H}{20}`, H, "gitleaks/postman.go"],
  ["Prefect", "pnu_", `${A}{20}`, A, "gitleaks/prefect.go"],
  [
    "Private key in base64",
    "LS0tLS1CRUdJTiBQUklWQVRF LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBL LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtF LS0tLS1CRUdJTiBPUEVOU1NIIFBSSVZB LS0tLS1CRUdJTiBFTkNSWVBURUQgUFJJ LS0tLS1CRUdJTiBQR1AgUFJJVkFURSBL",
    `${B}{20}`,
    B,
    "https://www.rfc-editor.org/rfc/rfc7468",
  ],
  ["Pulumi", "pul-", `${H}{32}`, H, "gitleaks/pulumi.go"],
  ["PyPI", "pypi-AgE", `${W}{20}`, W, "gitleaks/pypi.go"],
  ["Ramp", "ramp_sec_", `${A}{40}`, A, "trufflehog/ramp"],
  ["Razorpay", "rzp_live_", `${A}{14}`, A, "trufflehog/razorpay"],
  ["ReadMe", "rdme_", `[a-z0-9]{20}`, A, "gitleaks/readme.go"],
  ["Render", "rnd_", `${X}${A}{20}`, A, "betterleaks/render.go"],
  ["Replicate", "r8_", `${W}{20}`, W, "trufflehog/replicate"],
  ["Resend", "re_", `^${A}{8}_${A}{20}`, A, "https://resend.com/docs/api-reference/introduction"],
  ["Rootly", "rootly_", `${H}{40}`, H, "trufflehog/rootly"],
  ["RubyGems", "rubygems_", `${H}{20}`, H, "gitleaks/rubygems.go"],
  ["RunPod", "rpa_", `${A}{30}`, A, "betterleaks/runpod.go"],
  ["Scalingo", "tk-us-", `${W}{20}`, W, "gitleaks/scalingo.go"],
  ["Segment", "sgp_", `${A}{64}`, A, "betterleaks/segment.go"],
  ["SendGrid", "SG.", `${W}{16,32}\\.${W}{16}`, W, "gitleaks/sendgrid.go"],
  ["Sentry", "sntryu_", `${H}{20}`, H, "gitleaks/sentry.go"],
  ["Sentry organisation", "sntrys_", `${B}{20}`, B, "gitleaks/sentry.go"],
  ["SettleMint", "sm_aat_ sm_pat_ sm_sat_", `${A}{16}`, A, "gitleaks/settlemint.go"],
  ["Shippo", "shippo_live_ shippo_test_", `${H}{20}`, H, "gitleaks/shippo.go"],
  ["Shopify", "shpat_ shpca_ shppa_ shpss_", `${H}{20}`, H, "gitleaks/shopify.go"],
  ["Slack", SLACK, `${W}{8}`, "[\\w%-]", "gitleaks/slack.go"],
  ["Slack configuration", "xoxe.xoxb- xoxe.xoxp-", `${W}{20}`, W, "gitleaks/slack.go"],
  ["SonarQube", "squ_ sqp_ sqa_", `${A}{40}`, A, "gitleaks/sonar.go"],
  ["Sourcegraph", "sgp_", `(?:local_)?${H}{16}`, `[A-Fa-f0-9_]`, "gitleaks/sourcegraph.go"],
  ["Square", "EAAA sq0atp- sq0csp-", `${W}{22}`, W, "gitleaks/square.go"],
  ["Stripe", STRIPE, `${A}{8}`, A, "gitleaks/stripe.go"],
  ["Supabase", "sbp_ sb_secret_", `${W}{20}`, W, "trufflehog/supabasetoken"],
  ["Tailscale", "tskey-", `[a-z]{2,16}-${A}{6,32}-${A}{16}`, A, "trufflehog/tailscale"],
  ["Tavily", "tvly-", `${W}{20}`, W, "https://docs.tavily.com/api-reference/introduction"],
  ["Together", "tgp_v1_", `${W}{20}`, W, "betterleaks/togetherai.go"],
  ["Twilio", "SK", `${H}{32}`, H, "gitleaks/twilio.go"],
  ["Typeform", "tfp_", `${E}{20}`, E, "gitleaks/typeform.go"],
  ["Unkey", "unkey_", `${A}{20}`, A, "betterleaks/unkey.go"],
  ["Vault", "hvs. hvb. hvr.", `${W}{20}`, W, "gitleaks/hashicorp_vault.go"],
  ["Vercel", "vcp_ vci_ vca_ vcr_ vck_", `${X}${W}{24}`, W, "betterleaks/vercel.go"],
  ["Weights & Biases", "wandb_v1_", `\\w{40}`, "[\\w]", "betterleaks/weightsandbiases.go"],
  ["xAI", "xai-", `${W}{20}`, W, "trufflehog/xai"],
  ["Yandex", "t1.", `${W}{4,200}=?=?\\.${W}{60}`, B, "gitleaks/yandex.go"],
  ["Yandex API key", "AQVN", `${W}{35}`, W, "gitleaks/yandex.go"],
];

const SLACK_HOOKS = ["services", "workflows", "triggers"]
  .map((kind) => `hooks.slack.com/${kind}/ hooks.slack-gov.com/${kind}/`).join(" ");
const DISCORD_HOOKS = "discord.com/api/webhooks/ discordapp.com/api/webhooks/ " +
  "discord.com/api/v9/webhooks/ discord.com/api/v10/webhooks/";

/** The same for addresses that are secrets by what follows: the prefix is shown, the rest is not. */
export const SECRET_PATHS: readonly VendorFormat[] = [
  ["Slack webhook", SLACK_HOOKS, A, "[\\w/-]", "gitleaks/slack.go"],
  ["Discord webhook", DISCORD_HOOKS, "\\d", "[\\w/-]", "trufflehog/discordwebhook"],
  ["Teams webhook", ".webhook.office.com/webhookb2/", A, "[\\w/@-]", "gitleaks/teams.go"],
  ["Telegram", "api.telegram.org/bot", "\\d", "[\\w:-]", "gitleaks/telegram.go"],
];

/** The same with a mark inside: what stands before it, and has to match the last column, is not a secret alone. */
export const INSIDE_FORMATS: readonly (readonly [...VendorFormat, ahead: RegExp])[] = [
  ["Azure AD", "Q~", "[\\w~.-]{31}", "[\\w~.-]", "gitleaks/azure.go", /[\w~.]{3}\d$/],
  ["Terraform", ".atlasv1.", `[A-Za-z0-9=_-]{60}`, B, "gitleaks/hashicorp.go", /[A-Za-z0-9]{14}$/],
];

/**
 * The same for secrets that only their end tells: the last column matches what stands before it. Of a text in
 * pieces, earlier ones were shown by then.
 */
export const TAIL_FORMATS: readonly (readonly [...VendorFormat, ahead: RegExp])[] = [
  ["Mailchimp", "-us", "\\d", "[\\d]", "trufflehog/mailchimp", /(?<![\w-])[0-9a-f]{32}$/],
  ["MaxMind", "_mmk", "", "[\\w]", "gitleaks/maxmind.go", /(?<![\w-])[A-Z\d]{6}_[A-Z\d]{29}$/i],
];

/** What the base64 of three digits begins with: a bot's token begins with the number of its user. */
function discord(): string {
  const seconds = ["MD", "MT", "Mj", "Mz", "ND", "NT", "Nj", "Nz", "OD", "OT"];
  return seconds.flatMap((two) => Array.from("AEIMQUYcgk", (third) => two + third)).join(" ");
}
