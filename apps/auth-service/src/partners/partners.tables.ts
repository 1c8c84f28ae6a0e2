import type { Generated } from 'kysely';

export interface PartnersTable {
  id: string;
  name: string;
  scopes: string[];
  requests_per_minute: number | null;
  disabled_at: Generated<Date | null>;
  /** No access token of the partner may carry a smaller `iat`; whole seconds. */
  tokens_valid_from: Generated<Date>;
  created_at: Date;
}

export interface PartnerCertificatesTable {
  thumbprint: string;
  /** Null for one that was revoked without having been registered. */
  partner_id: string | null;
  /** Null when only the thumbprint was at hand. */
  expires_at: Date | null;
  added_at: Date;
  revoked_at: Generated<Date | null>;
}

export interface PartnerNamesTable {
  /** As {@link CertificateName} spells it. */
  name: string;
  partner_id: string;
  added_at: Date;
}
