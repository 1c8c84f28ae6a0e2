import type { KoaContextWithOIDC } from 'oidc-provider';

/** No mode has this name. */
const UNKNOWN_MODE = 'unsupported';

/**
 * Makes `query` the one response mode: it is what a code needs, and the pages of the others run script or leave the answer
 * where script reads it. oidc-provider has no switch for the two that it offers besides.
 */
export async function answerInQueryAlone(
  context: KoaContextWithOIDC,
  next: () => Promise<void>,
): Promise<void> {
  const { response_mode: mode } = context.query;
  if (mode !== undefined && mode !== 'query') {
    context.query = { ...context.query, response_mode: UNKNOWN_MODE };
  }
  await next();
  if (context.path.startsWith('/.well-known/o') && isObject(context.body)) {
    context.body = { ...context.body, response_modes_supported: ['query'] };
  }
}

/** The same for pushed requests. Of another response type it is said that it is not supported, whatever the mode. */
export function isModeAllowed(mode: string | undefined, responseType: unknown): boolean {
  return mode === undefined || mode === 'query' || responseType !== 'code';
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Buffer.isBuffer(value);
}
