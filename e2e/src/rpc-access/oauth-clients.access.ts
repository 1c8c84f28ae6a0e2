import { clientsV1 } from '@sallyport/contracts';
import { byOperator } from './access';
import type { AccessTable } from './access';

const CLIENT_NOT_FOUND = { status: 'NOT_FOUND', reason: 'oauth_client_not_found' } as const;

const unknownClient = { clientId: 'unknown' };

/** The clients of no other spec are touched. */
export const OAUTH_CLIENTS_ACCESS: AccessTable<typeof clientsV1.OauthClientServiceDefinition> = {
  createClient: {
    caller: 'gateway',
    request: () =>
      clientsV1.CreateClientRequest.encode({
        id: 'Not-An-Id',
        name: 'A client',
        kind: clientsV1.ClientKind.CLIENT_KIND_WEB,
        scope: 'openid',
        redirectUris: ['https://app.example/'],
        postLogoutRedirectUris: [],
        authMethod: '',
        jwksJson: '',
        backchannelLogoutUri: '',
        certificateName: '',
        certificateBoundTokens: false,
        dpopBoundAccessTokens: false,
      }).finish(),
    metadata: byOperator,
    decision: { status: 'INVALID_ARGUMENT', reason: 'oauth_client_id_invalid' },
  },
  listClients: {
    caller: 'gateway',
    request: () => clientsV1.ListClientsRequest.encode({}).finish(),
    metadata: byOperator,
  },
  rotateClientSecret: {
    caller: 'gateway',
    request: () =>
      clientsV1.RotateClientSecretRequest.encode({ ...unknownClient, overlapSeconds: 0 }).finish(),
    metadata: byOperator,
    decision: CLIENT_NOT_FOUND,
  },
  replaceClientKeys: {
    caller: 'gateway',
    request: () =>
      clientsV1.ReplaceClientKeysRequest.encode({ ...unknownClient, jwksJson: '{}' }).finish(),
    metadata: byOperator,
    decision: CLIENT_NOT_FOUND,
  },
  disableClient: {
    caller: 'gateway',
    request: () => clientsV1.DisableClientRequest.encode(unknownClient).finish(),
    metadata: byOperator,
    decision: CLIENT_NOT_FOUND,
  },
  enableClient: {
    caller: 'gateway',
    request: () => clientsV1.EnableClientRequest.encode(unknownClient).finish(),
    metadata: byOperator,
    decision: CLIENT_NOT_FOUND,
  },
};
