import { field, type Field } from './field';

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

/** How much is logged: one of pino's level names, or `silent`. */
export function logLevel(): Field<LogLevel> {
  return field({
    expected: `one of ${LOG_LEVELS.join(', ')}`,
    parse: (text) => LOG_LEVELS.find((level) => level === text),
  });
}

/** The name of a SPIFFE trust domain (SPIFFE-ID §2.1): lower case, no scheme, no port. */
export function trustDomain(): Field<string> {
  return field({
    expected: 'a SPIFFE trust domain name such as sallyport.internal',
    parse: (text) => (/^[a-z0-9._-]{1,255}$/.test(text) ? text : undefined),
  });
}

/** The namespace of the workloads: an RFC 1123 label, as Kubernetes names them. */
export function namespaceName(): Field<string> {
  return field({
    expected: 'a namespace name of lower-case letters, digits and inner hyphens',
    parse: (text) => (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(text) ? text : undefined),
  });
}

/** Printable ASCII without white space, such as a token audience or a client id. */
export function text(): Field<string> {
  return field({
    expected: 'printable ASCII without spaces',
    parse: (value) => (/^[\x21-\x7e]{1,1024}$/.test(value) ? value : undefined),
  });
}

/** A secret given as text; a refusal never shows it. */
export function secretText({ minLength }: { readonly minLength: number }): Field<string> {
  return field({
    expected: `a secret of at least ${minLength} characters`,
    secret: true,
    parse: (value) => (value.length >= minLength ? value : undefined),
  });
}
