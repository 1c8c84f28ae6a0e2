/** {@link RegistrationPolicy}. */
export const REGISTRATION_POLICY = Symbol('RegistrationPolicy');

/**
 * When an account comes into being: as soon as it is asked for, which tells who has one already, or when the owner of the
 * address has answered a mail, which tells nobody else anything.
 */
export type RegistrationPolicy = (typeof REGISTRATION_POLICIES)[number];

export const REGISTRATION_POLICIES = ['immediate', 'confirmed'] as const;
