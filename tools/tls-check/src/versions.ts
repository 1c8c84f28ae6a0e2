/** The versions a client can ask for, oldest first, with their numbers on the wire. */
export const VERSIONS = {
  'SSL 3.0': 0x0300,
  'TLS 1.0': 0x0301,
  'TLS 1.1': 0x0302,
  'TLS 1.2': 0x0303,
  'TLS 1.3': 0x0304,
} as const;

export type VersionName = keyof typeof VERSIONS;

export const VERSION_NAMES = Object.keys(VERSIONS) as readonly VersionName[];
