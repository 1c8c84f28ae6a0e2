/** What somebody who registers or logs in sends, as it arrived. */
export interface PresentedCredentials {
  readonly email: string;
  readonly password: string;
  /** Where from, as the gateway saw it. */
  readonly clientAddress: string | undefined;
}

/** How a session opened by password alone was authenticated; `amr` as RFC 8176 has it. */
export const PASSWORD_AUTHENTICATION = { acr: 'urn:sallyport:acr:password', amr: ['pwd'] } as const;
