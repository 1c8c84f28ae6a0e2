/** ReadsOwnEvents: what this service has recorded about accounts, for their owners. */
export const OWN_EVENTS = Symbol('OwnEvents');
