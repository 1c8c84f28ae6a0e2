/** Binds the ServiceTrust that the guards of an application decide by. */
export const SERVICE_TRUST = Symbol('sallyport:service-trust');
