/** Authentication context class of a password and nothing else (OpenID Connect Core section 2, `acr`). */
export const PASSWORD_ACR = 'urn:sallyport:acr:password';

/** Authentication context class of two factors. */
export const MFA_ACR = 'urn:sallyport:acr:mfa';

/**
 * Every authentication context class of this system, the weakest first: whoever meets one meets those before it. A system
 * with other classes gives its own list to whoever takes one.
 */
export const AUTHENTICATION_CLASSES = [PASSWORD_ACR, MFA_ACR] as const;
