/**
 * Finds a header by which a proxy, a tunnel or a content delivery network shows itself.
 *
 * A proxy on this machine makes a request from the internet look local: the peer is 127.0.0.1, and many
 * rewrite `Host` as well. What they add gives them away, whatever its value is: a client that knows a value
 * which looks local could send it. A proxy that adds nothing cannot be noticed.
 *
 * @returns The name of the first such header, or null.
 */
export function proxySignOf(headers: Headers): string | null {
  for (const name of headers.keys()) if (isProxySign(name)) return name.slice(0, 64);
  return null;
}

/** Whether only something between the client and the server adds this header; the name is in lower case. */
function isProxySign(name: string): boolean {
  return SAYS_SO.test(name) || NAMES_A_CLIENT.test(name) || NAMES.has(name) ||
    PREFIXES.some((prefix) => name.startsWith(prefix));
}

/** `forwarded`, `x-forwarded-for`, `fly-forwarded-port`, `max-forwards`; `x-ms-proxy`; `via`, `x-bluecoat-via`. */
const SAYS_SO = /forward|prox(?:y|ied)|(?:^|-)via$/;

/** `x-real-ip`, `cf-connecting-ip`, `x-azure-clientip`, `x-remote-addr`: no client sends its own address. */
const NAMES_A_CLIENT =
  /(?:^|-)(?:client|user|connecting|socket|real|remote|origin|originating|source|peer)?-?(?:ip|ip-?addr(?:ess)?|addr)$/;

const NAMES: ReadonlySet<string> = new Set([
  "bypass-tunnel-reminder", // localtunnel
  "cdn-loop", // RFC 8586
  "disguised-host", // Azure App Service
  "front-end-https", // Microsoft
  "surrogate-capability", // Edge Architecture Specification: Varnish, Akamai
  "x-cloud-trace-context", // Google Cloud Load Balancing
  "x-host",
  "x-request-start", // Heroku, Render
  "x-rewrite-url", // IIS
  "x-scheme", // ingress-nginx
  "x-url-scheme",
  "x-varnish",
]);

const PREFIXES: readonly string[] = [
  "akamai-",
  "cdn-", // bunny.net
  "cf-", // Cloudflare
  "cloudfront-",
  "fastly-",
  "fly-",
  "ngrok-",
  "remote-", // forward authentication: Authelia
  "ssl-client-", // nginx
  "tailscale-",
  "teleport-",
  "true-client-", // Akamai, Cloudflare
  "was-default-", // Azure App Service
  "x-akamai-",
  "x-amz-cf-", // CloudFront
  "x-amzn-", // AWS load balancers and gateways
  "x-appengine-",
  "x-appgw-", // Azure Application Gateway
  "x-arr-", // IIS Application Request Routing
  "x-auth-request-", // oauth2-proxy
  "x-authentik-",
  "x-azure-", // Azure Front Door
  "x-client-cert",
  "x-client-ip",
  "x-cluster-client-",
  "x-envoy-",
  "x-fastly-",
  "x-goog-authenticated-", // Identity-Aware Proxy
  "x-goog-iap-",
  "x-kong-",
  "x-ms-client-principal", // Azure App Service
  "x-nf-", // Netlify
  "x-ngrok-",
  "x-original-", // IIS, ingress-nginx
  "x-pomerium-",
  "x-railway-",
  "x-real-", // nginx
  "x-ssl-",
  "x-vercel-",
  "x-waws-", // Azure App Service
];
