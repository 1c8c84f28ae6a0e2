import { FileSvidSource, type SpiffeId, type SvidSource } from '@sallyport/workload-identity';
import { WorkloadApiSvidSource } from './workload-api-svid.source';

/** Where a workload is given its identity: in files, or by an agent at a socket. */
export type IdentityOrigin =
  /** Holds `tls.crt`, `tls.key` and `ca.crt`. */
  | { readonly directory: string }
  /** `unix:///path` of the SPIFFE Workload API. */
  | { readonly endpoint: string };

export interface OpenSvidSourceOptions {
  readonly origin: IdentityOrigin;
  readonly expectedId: SpiffeId;
  readonly onError: (error: Error) => void;
}

/** @throws IdentityFilesError or SvidUnavailable when there is no usable identity */
export function openSvidSource({ origin, ...options }: OpenSvidSourceOptions): Promise<SvidSource> {
  return 'directory' in origin
    ? FileSvidSource.open({ ...origin, ...options })
    : WorkloadApiSvidSource.open({ ...origin, ...options });
}
