import type * as Library from 'oidc-provider';

let loaded: typeof Library | undefined;

/**
 * oidc-provider, loaded by whoever first needs it: operators' commands, of which few do, stay quick. While it is loaded it
 * says at most that it was not tried with this runtime, on the standard error that belongs to the commands; what it
 * needs of one, this system asks for itself (`engines`).
 */
export function providerLibrary(): typeof Library {
  if (loaded !== undefined) return loaded;
  const warnings = Object.getOwnPropertyDescriptor(globalThis.console, 'warn');
  Object.assign(globalThis.console, { warn: () => undefined });
  try {
    // An import would load it with this module.
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    loaded = require('oidc-provider') as typeof Library;
    return loaded;
  } finally {
    Object.defineProperty(globalThis.console, 'warn', warnings ?? {});
  }
}
