/** An OAuth client that exists from the first start on. */
export interface ClientSeed {
  readonly id: string;
  readonly name: string;
  readonly kind: 'spa' | 'web';
  /** Space-separated. */
  readonly scope: string;
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
}

/** Where the examples are served; nothing of the cluster listens there. */
export const SAMPLE_SPA_ORIGIN = 'https://localhost:8447';
const SAMPLE_WEB_ORIGIN = 'https://localhost:8448';

const SCOPE = 'openid email offline_access orders:read orders:write billing:read';

/** The clients of `examples/`: a public one and one that keeps a secret. */
export const LOCAL_CLIENTS = [
  {
    id: 'sample-spa',
    name: 'Sample single-page app',
    kind: 'spa',
    scope: SCOPE,
    redirectUris: [`${SAMPLE_SPA_ORIGIN}/`],
    postLogoutRedirectUris: [`${SAMPLE_SPA_ORIGIN}/`],
  },
  {
    id: 'sample-web',
    name: 'Sample web application',
    kind: 'web',
    scope: SCOPE,
    redirectUris: [`${SAMPLE_WEB_ORIGIN}/callback`],
    postLogoutRedirectUris: [`${SAMPLE_WEB_ORIGIN}/`],
  },
] as const satisfies readonly ClientSeed[];
