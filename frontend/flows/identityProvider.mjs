// An OpenID Connect provider that we did not write (oidc-provider, certified by the OpenID Foundation), for the sign-in's tests.
// node identityProvider.mjs PORT CLIENT_ID CLIENT_SECRET REDIRECT_URL; whoever signs in has the group that its login names.

import Provider from "oidc-provider";

const [port, clientId, secret, redirectUrl] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

async function findAccount(_context, login) {
  const claims = { sub: login, email: `${login}@example.com`, groups: [login === "anna" ? "shop-operators" : "staff"] };
  return { accountId: login, claims: async () => claims };
}

const provider = new Provider(issuer, {
  clients: [
    { client_id: clientId, client_secret: secret, redirect_uris: [redirectUrl], grant_types: ["authorization_code"] },
  ],
  claims: { openid: ["sub"], email: ["email"], groups: ["groups"] },
  conformIdTokenClaims: false, // the ID token has the claims, as with Keycloak, Entra ID and Okta
  pkce: { required: () => true },
  features: { devInteractions: { enabled: true } },
  findAccount,
});
provider.listen(Number(port), "127.0.0.1");
