const REASON_OF_VERIFICATION: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'tls_certificate_expired',
  CERT_NOT_YET_VALID: 'tls_certificate_not_yet_valid',
  CERT_REVOKED: 'tls_certificate_revoked',
  INVALID_PURPOSE: 'tls_certificate_purpose',
};

const REASON_OF_ERROR: Readonly<Record<string, string>> = {
  ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE: 'tls_certificate_missing',
  ERR_SSL_WRONG_VERSION_NUMBER: 'tls_not_tls',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'tls_not_tls',
  ERR_SSL_HTTP_REQUEST: 'tls_not_tls',
  ERR_SSL_HTTPS_PROXY_REQUEST: 'tls_not_tls',
  ERR_SSL_UNEXPECTED_MESSAGE: 'tls_not_tls',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'tls_version_refused',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'tls_version_refused',
  ERR_SSL_NO_APPLICATION_PROTOCOL: 'tls_protocol_refused',
  ERR_TLS_HANDSHAKE_TIMEOUT: 'tls_handshake_timeout',
  ECONNRESET: 'tls_handshake_aborted',
};

/** The reason id of a certificate that does not lead to the bundle. @param code what OpenSSL calls it */
export function reasonOfVerification(code: string): string {
  return REASON_OF_VERIFICATION[code] ?? 'tls_certificate_untrusted';
}

/** The reason id of a handshake that failed for anything but a certificate. @param code of Node's error */
export function reasonOfHandshakeError(code: string): string {
  return REASON_OF_ERROR[code] ?? 'tls_handshake_failed';
}
