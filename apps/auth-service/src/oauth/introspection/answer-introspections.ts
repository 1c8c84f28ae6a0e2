import type { KoaContextWithOIDC, Provider } from 'oidc-provider';
import type { IntrospectionService } from './introspection.service';

/** What oidc-provider says of a JWT, once it has authenticated the client. */
const LEFT_TO_VERIFIERS = 'unsupported_token_type';

/**
 * Completes oidc-provider's introspection endpoint. The library authenticates the client and tells of opaque tokens; what
 * it does not introspect, access tokens that are JWTs, is answered here. Clients that cannot authenticate are told nothing
 * (RFC 7662 section 4), and who did not try is told to (RFC 6749 section 5.2).
 */
export function answerIntrospections(
  provider: Provider,
  introspection: Pick<IntrospectionService, 'introspect'>,
): void {
  provider.use(async (context: KoaContextWithOIDC, next: () => Promise<void>) => {
    await next();
    if (context.status === 200 && context.path.startsWith('/.well-known/o')) describe(context);
    // Undefined when no route of the library was met, whatever the types say.
    const oidc = context.oidc as KoaContextWithOIDC['oidc'] | undefined;
    if (oidc?.route !== 'introspection') return;
    const { client, params } = oidc;
    if (client?.clientAuthMethod === 'none' || !hasAuthenticated(context)) {
      refuseUnauthenticated(context);
      return;
    }
    const { error } = context.body as { readonly error?: string };
    if (client === undefined || error !== LEFT_TO_VERIFIERS) return;
    try {
      context.body = await introspection.introspect(client.clientId, String(params?.['token']));
      context.status = 200;
    } catch (cause) {
      provider.emit('server_error', context, cause);
      context.body = { error: 'server_error', error_description: 'oops! something went wrong' };
      context.status = 500;
    }
  });
}

/** How clients authenticate here: as at the token endpoint, except that they have to (RFC 8414 section 2). */
function describe(context: { body: unknown }): void {
  const metadata = context.body as Readonly<Record<string, readonly string[] | undefined>>;
  const {
    token_endpoint_auth_methods_supported: methods = [],
    token_endpoint_auth_signing_alg_values_supported: algorithms,
  } = metadata;
  context.body = {
    ...metadata,
    introspection_endpoint_auth_methods_supported: methods.filter((method) => method !== 'none'),
    introspection_endpoint_auth_signing_alg_values_supported: algorithms,
  };
}

/** Whether there is anything a client could be authenticated by; whether it was, the library has decided. */
function hasAuthenticated({ oidc, headers }: KoaContextWithOIDC): boolean {
  const { client_id: clientId, client_assertion: assertion } = oidc.params ?? {};
  return headers.authorization !== undefined || clientId !== undefined || assertion !== undefined;
}

function refuseUnauthenticated(context: KoaContextWithOIDC): void {
  context.status = 401;
  context.set('www-authenticate', `Basic realm="${context.oidc.issuer}"`);
  context.body = {
    error: 'invalid_client',
    error_description: 'client authentication is required',
  };
}
