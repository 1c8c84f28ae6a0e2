/** A partner organisation that is registered from the first start on. */
export interface PartnerSeed {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly string[];
  /** Names in its certificates, `dns:…` or `uri:…`. */
  readonly names: readonly string[];
}

/** One partner, for people and tests to try; it has no secret here: its certificate is what it has. */
export const LOCAL_PARTNERS = [
  {
    id: 'acme',
    name: 'Acme Ltd',
    scopes: ['orders:read', 'orders:write', 'billing:read'],
    names: ['dns:api.acme.example'],
  },
] as const satisfies readonly PartnerSeed[];
