import { passkeysV1 } from '@sallyport/contracts';
import { byAnyone, byCustomer } from './access';
import type { AccessTable, World } from './access';

const REFUSED = { status: 'UNAUTHENTICATED', reason: 'mfa_refused' } as const;
const MALFORMED = { ...REFUSED, recorded: 'passkey_malformed' } as const;
const NOT_FOUND = { status: 'NOT_FOUND', reason: 'factor_not_found' } as const;

const NOBODYS = '3f0e0b7a-5d2c-4a53-9f0e-0b7a5d2c4a53';

/** Their attempts are counted. */
const byCustomerFromSomewhere = (world: World): Readonly<Record<string, string>> => ({
  ...byCustomer(world),
  ...byAnyone(),
});

/** The passkeys of no other spec are touched. */
export const PASSKEYS_ACCESS: AccessTable<typeof passkeysV1.PasskeyServiceDefinition> = {
  beginEnrolment: {
    caller: 'gateway',
    request: () => passkeysV1.BeginEnrolmentRequest.encode({}).finish(),
    metadata: byCustomer,
  },
  enrol: {
    caller: 'gateway',
    request: () => passkeysV1.EnrolRequest.encode({ credential: '{}', name: undefined }).finish(),
    metadata: byCustomerFromSomewhere,
    decision: MALFORMED,
  },
  listPasskeys: {
    caller: 'gateway',
    request: () => passkeysV1.ListPasskeysRequest.encode({}).finish(),
    metadata: byCustomer,
  },
  renamePasskey: {
    caller: 'gateway',
    request: () => passkeysV1.RenamePasskeyRequest.encode({ id: NOBODYS, name: 'a' }).finish(),
    metadata: byCustomer,
    decision: NOT_FOUND,
  },
  removePasskey: {
    caller: 'gateway',
    request: () =>
      passkeysV1.RemovePasskeyRequest.encode({ id: NOBODYS, password: undefined }).finish(),
    metadata: byCustomerFromSomewhere,
    decision: NOT_FOUND,
  },
  beginLogin: {
    caller: 'gateway',
    request: () => passkeysV1.BeginLoginRequest.encode({}).finish(),
    metadata: byAnyone,
  },
  loginByPasskey: {
    caller: 'gateway',
    request: () =>
      passkeysV1.LoginByPasskeyRequest.encode({
        ...{ credential: '{}', userAgent: '', deviceTokens: '' },
      }).finish(),
    metadata: byAnyone,
    decision: MALFORMED,
  },
  beginStepUp: {
    caller: 'gateway',
    request: () => passkeysV1.BeginStepUpRequest.encode({}).finish(),
    metadata: byCustomer,
  },
  stepUpByPasskey: {
    caller: 'gateway',
    request: () =>
      passkeysV1.StepUpByPasskeyRequest.encode({ credential: '{}', userAgent: '' }).finish(),
    metadata: byCustomerFromSomewhere,
    decision: MALFORMED,
  },
  beginSecondFactor: {
    caller: 'gateway',
    request: () =>
      passkeysV1.BeginSecondFactorRequest.encode({ mfaToken: 'no-challenge' }).finish(),
    metadata: byAnyone,
    decision: { ...REFUSED, recorded: 'mfa_challenge_refused' },
  },
};
