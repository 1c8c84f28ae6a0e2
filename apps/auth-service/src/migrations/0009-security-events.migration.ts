import { securityEventsMigration } from '@sallyport/audit';

/** The security events of this service, in a chain of its own. */
export const securityEvents = securityEventsMigration('auth-service');
