import { join } from 'node:path';
import { LOCAL_PARTNER } from '@sallyport/dev-ca';
import type { Cluster } from '../cluster/cluster';
import { SERVICE_NAMES } from '../cluster/listeners';
import { shownPath } from '../cluster/shown-path';
import { columns } from './columns';
import { curlCommands, partnerCurlCommand } from './curl-commands';
import type { Paint } from './paint';

/** What somebody needs to use a cluster that has just started. */
export function summary(
  cluster: Cluster,
  options: { readonly home: string; readonly sku: string; readonly paint: Paint },
): readonly string[] {
  const { home, sku, paint } = options;
  const { gatewayUrl, caFile, seededAccounts } = cluster;
  return [
    '',
    paint.bold('Addresses'),
    ...columns([
      ['gateway', gatewayUrl],
      ['for partners', cluster.partnersUrl],
      [
        'plain HTTP',
        `http://${cluster.services.gateway.environment['PLAIN_LISTEN'] ?? '-'}, refused`,
      ],
      ['documentation', `${gatewayUrl}/docs`],
      ['OpenAPI', `${gatewayUrl}/openapi.json`],
      ['CA certificate', shownPath(caFile)],
      ['database', cluster.database],
      ['shared state', cluster.sharedState],
      ['logs', shownPath(join(home, 'logs'))],
      ['mail', 'npm run outbox shows what would be sent'],
    ]),
    '',
    paint.bold('Services'),
    ...columns([
      ['name', 'gRPC over mTLS', 'health and metrics', 'process'],
      ...SERVICE_NAMES.map((name) => serviceRow(cluster, name)),
    ]),
    '',
    paint.bold('Accounts'),
    ...columns([
      ['e-mail', 'password', 'role', 'scopes'],
      ...seededAccounts.map(({ email, password, role, scopes }) => [
        email,
        password,
        role,
        scopes.join(' '),
      ]),
    ]),
    '',
    paint.bold('To copy'),
    ...curlCommands({ gatewayUrl, caFile: shownPath(caFile), account: seededAccounts[0], sku }).map(
      (line) => `  ${line}`,
    ),
    `  ${partnerCurlCommand({
      partnersUrl: cluster.partnersUrl,
      caFile: shownPath(caFile),
      certificateFolder: shownPath(join(cluster.certsFolder, 'partner', LOCAL_PARTNER.name)),
    })}`,
    '',
  ];
}

function serviceRow(cluster: Cluster, name: keyof Cluster['services']): readonly string[] {
  const service = cluster.services[name];
  const grpcAddress = 'grpcAddress' in service ? service.grpcAddress : '-';
  return [name, grpcAddress, service.opsUrl, String(service.pid ?? 'down')];
}
