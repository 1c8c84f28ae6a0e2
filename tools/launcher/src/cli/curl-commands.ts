import type { SeededAccount } from '../cluster/accounts';

interface Example {
  readonly gatewayUrl: string;
  readonly caFile: string;
  readonly account: SeededAccount | undefined;
  readonly sku: string;
}

/** Three commands that work as they stand, in this order, in one shell that has curl and node. */
export function curlCommands({ gatewayUrl, caFile, account, sku }: Example): readonly string[] {
  const curl = `curl -sS --cacert ${shellWord(caFile)}`;
  const newline = String.raw`-w '\n'`;
  const json = `-H 'Content-Type: application/json'`;
  const credentials = JSON.stringify({ email: account?.email, password: account?.password });
  const order = JSON.stringify({ items: [{ sku, quantity: 1 }] });
  const readToken = `node -p 'JSON.parse(require("node:fs").readFileSync(0)).access_token'`;
  const newKey = `$(node -p 'require("node:crypto").randomUUID()')`;
  return [
    `${curl} ${newline} ${gatewayUrl}/products`,
    `TOKEN=$(${curl} ${gatewayUrl}/auth/login ${json} -d ${shellWord(credentials)} | ${readToken})`,
    `${curl} ${newline} ${gatewayUrl}/orders -H "Authorization: Bearer $TOKEN" -H "Idempotency-Key: ${newKey}" ${json} -d ${shellWord(order)}`,
  ];
}

/** The same for a partner: what its certificate opens. */
export function partnerCurlCommand({
  partnersUrl,
  caFile,
  certificateFolder,
}: {
  readonly partnersUrl: string;
  readonly caFile: string;
  readonly certificateFolder: string;
}): string {
  const file = (name: string) => shellWord(`${certificateFolder}/${name}`);
  const certificate = `--cert ${file('tls.crt')} --key ${file('tls.key')}`;
  return `curl -sS --cacert ${shellWord(caFile)} ${certificate} -w '\\n' ${partnersUrl}/orders`;
}

/** Quotes for a POSIX shell what needs it. */
function shellWord(text: string): string {
  return /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
