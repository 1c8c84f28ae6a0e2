/** Tells the time; injected, so that expiry is tested without waiting. */
export type Clock = () => Date;

/** The clock of the machine. */
export const systemClock: Clock = () => new Date();
