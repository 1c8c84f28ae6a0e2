/** On whose behalf a handler works: exactly one of these is declared on each. */
export type IdentityDeclaration =
  | { readonly kind: 'public' }
  | { readonly kind: 'principal' }
  | { readonly kind: 'scopes'; readonly scopes: readonly string[] }
  | { readonly kind: 'session'; readonly scopes: readonly string[] }
  | { readonly kind: 'workload' }
  | { readonly kind: 'workload-transaction'; readonly scopes: readonly string[] };

/** How, and how recently, a user has to have authenticated. */
export interface RequiredAuthentication {
  /** The weakest authentication context class that will do. */
  readonly acr: string;
  /** Seconds since the authentication, at most. */
  readonly maxAge: number;
}

/** What the access decorators left on a handler, contradictions included. */
export interface HandlerAccess {
  readonly callers: readonly (readonly string[])[];
  readonly identities: readonly IdentityDeclaration[];
  readonly authentications: readonly RequiredAuthentication[];
}

const ACCESS = 'sallyport:access';
const NOTHING: HandlerAccess = { callers: [], identities: [], authentications: [] };

/** What a handler declares; empty when it declares nothing. */
export function accessOf(handler: object): HandlerAccess {
  const access: unknown = Reflect.getMetadata(ACCESS, handler);
  // Only the function below writes this key.
  return access === undefined ? NOTHING : (access as HandlerAccess);
}

/** Decorates a method with one more part of its declaration. */
export function declareAccess(add: (access: HandlerAccess) => HandlerAccess): MethodDecorator {
  return (_target, _property, descriptor: PropertyDescriptor) => {
    const handler: unknown = descriptor.value;
    if (typeof handler !== 'function') throw new TypeError('access is declared on a method');
    Reflect.defineMetadata(ACCESS, add(accessOf(handler)), handler);
  };
}
