import { authV1 } from '@sallyport/contracts';
import { byOperator } from './access';
import type { AccessTable, World } from './access';

const KEY_NOT_FOUND = { status: 'NOT_FOUND', reason: 'signing_key_not_found' } as const;

const unknownKey = { kid: 'unknown' };
const theLeaver = ({ leaver }: World): { readonly account: string } => ({
  account: leaver.userId,
});

/**
 * The keys sign for all specs of a run. Calls that would move them on end in a refusal of the handler, in a cluster in
 * which a key is prepared and may not be activated yet.
 */
export const OPERATOR_ACCESS: AccessTable<typeof authV1.OperatorServiceDefinition> = {
  listSigningKeys: {
    caller: 'gateway',
    request: () => authV1.ListSigningKeysRequest.encode({}).finish(),
    metadata: byOperator,
  },
  prepareSigningKey: {
    caller: 'gateway',
    request: () => authV1.PrepareSigningKeyRequest.encode({}).finish(),
    metadata: byOperator,
    decision: { status: 'FAILED_PRECONDITION', reason: 'signing_key_already_prepared' },
  },
  activateSigningKey: {
    caller: 'gateway',
    request: () => authV1.ActivateSigningKeyRequest.encode({ immediately: false }).finish(),
    metadata: byOperator,
    decision: { status: 'FAILED_PRECONDITION', reason: 'signing_key_published_too_recently' },
  },
  retireSigningKey: {
    caller: 'gateway',
    request: () => authV1.RetireSigningKeyRequest.encode(unknownKey).finish(),
    metadata: byOperator,
    decision: KEY_NOT_FOUND,
  },
  taintSigningKey: {
    caller: 'gateway',
    request: () => authV1.TaintSigningKeyRequest.encode(unknownKey).finish(),
    metadata: byOperator,
    decision: KEY_NOT_FOUND,
  },
  lockAccount: {
    caller: 'gateway',
    request: (world) => authV1.LockAccountRequest.encode(theLeaver(world)).finish(),
    metadata: byOperator,
  },
  unlockAccount: {
    caller: 'gateway',
    request: (world) => authV1.UnlockAccountRequest.encode(theLeaver(world)).finish(),
    metadata: byOperator,
  },
  endAccountSessions: {
    caller: 'gateway',
    request: (world) => authV1.EndAccountSessionsRequest.encode(theLeaver(world)).finish(),
    metadata: byOperator,
  },
  deleteAccount: {
    caller: 'gateway',
    request: (world) => authV1.DeleteAccountRequest.encode(theLeaver(world)).finish(),
    metadata: byOperator,
  },
};
