import type { Logger, SecurityEvents } from '@sallyport/observability';
import type { errors, KoaContextWithOIDC, Provider } from 'oidc-provider';

/** Where clients authenticate, by the events the library has for what is refused there. */
const REFUSALS = [
  'grant.error',
  'pushed_authorization_request.error',
  'introspection.error',
] as const;

/**
 * Records who failed to authenticate as a client (R14). Outside all failures look alike; the log says what was wrong, and in neither
 * stands anything of what was presented: of a client that is not known not even its id.
 */
export function recordRefusedClients(
  provider: Pick<Provider, 'on'>,
  events: SecurityEvents,
  logger: Logger,
): void {
  const record = (context: KoaContextWithOIDC, refusal: errors.OIDCProviderError): void => {
    if (refusal.error !== 'invalid_client') return;
    const client = context.oidc.client?.clientId;
    const reason = 'client_authentication_failed';
    const { 'x-client-address': presented } = context.req.headers;
    const clientAddress = typeof presented === 'string' ? presented : undefined;
    events.record({ type: 'client', outcome: 'refused', reason, target: client, clientAddress });
    logger.info({ event: reason, client, detail: detailOf(refusal) });
  };
  for (const event of REFUSALS) provider.on(event as 'grant.error', record);
}

/** In the library's words; of what could not be read the kind alone, since a parser quotes what it reads. */
function detailOf({ cause, error_detail: detail }: errors.OIDCProviderError): string | undefined {
  return cause instanceof Error ? cause.name : detail;
}
