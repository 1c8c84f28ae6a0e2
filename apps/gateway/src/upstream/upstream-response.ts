/** An upstream answered successfully with something its contract does not allow. */
export class UpstreamResponseInvalid extends Error {
  override readonly name = 'UpstreamResponseInvalid';
  readonly code = 'upstream_response_invalid';

  /** @param field the message field that is missing or not understood */
  constructor(readonly field: string) {
    super(`upstream_response_invalid: ${field}`);
  }
}

/**
 * The value of a message field that the contract always sets and proto3 cannot mark as required.
 *
 * @throws UpstreamResponseInvalid
 */
export function required<Value>(value: Value | undefined, field: string): Value {
  if (value === undefined) throw new UpstreamResponseInvalid(field);
  return value;
}
