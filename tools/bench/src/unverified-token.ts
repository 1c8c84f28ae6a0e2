/** What a client may read in an access token it holds, without verifying it. */
export interface UnverifiedToken {
  readonly kid: string;
  readonly sid: string;
}

export const readUnverified = (accessToken: string): UnverifiedToken => {
  const [header = '', payload = ''] = accessToken.split('.');
  const { kid } = decode(header) as { kid: string };
  const { sid } = decode(payload) as { sid: string };
  return { kid, sid };
};

const decode = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
