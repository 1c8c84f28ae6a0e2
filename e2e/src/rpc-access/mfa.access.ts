import { mfaV1 } from '@sallyport/contracts';
import { byAnyone, byCustomer } from './access';
import type { AccessTable, World } from './access';

const REFUSED = { status: 'UNAUTHENTICATED', reason: 'mfa_refused' } as const;
const WRONG_PASSWORD = { status: 'UNAUTHENTICATED', reason: 'invalid_credentials' } as const;

const NO_FACTOR = { status: 'NOT_FOUND', reason: 'factor_not_found' } as const;

const wrong = { password: 'a wrong password', method: 'totp', code: '000000' };

/** Their attempts are counted. */
const byCustomerFromSomewhere = (world: World): Readonly<Record<string, string>> => ({
  ...byCustomer(world),
  ...byAnyone(),
});

/** The second factors of no other spec are touched. */
export const MFA_ACCESS: AccessTable<typeof mfaV1.MfaServiceDefinition> = {
  completeLogin: {
    caller: 'gateway',
    request: () =>
      mfaV1.CompleteLoginRequest.encode({
        mfaToken: 'no-challenge',
        method: 'totp',
        code: '000000',
        userAgent: '',
        deviceTokens: '',
      }).finish(),
    metadata: byAnyone,
    decision: { ...REFUSED, recorded: 'mfa_challenge_refused' },
  },
  stepUp: {
    caller: 'gateway',
    request: () => mfaV1.StepUpRequest.encode({ ...wrong, userAgent: '' }).finish(),
    metadata: byCustomerFromSomewhere,
    decision: { ...WRONG_PASSWORD, recorded: 'invalid_credentials' },
  },
  listFactors: {
    caller: 'gateway',
    request: () => mfaV1.ListFactorsRequest.encode({}).finish(),
    metadata: byCustomer,
  },
  beginTotp: {
    caller: 'gateway',
    request: () => mfaV1.BeginTotpRequest.encode({}).finish(),
    metadata: byCustomer,
  },
  confirmTotp: {
    caller: 'gateway',
    request: () => mfaV1.ConfirmTotpRequest.encode({ code: '000000' }).finish(),
    metadata: byCustomerFromSomewhere,
    decision: { ...REFUSED, recorded: 'totp_code_refused' },
  },
  removeTotp: {
    caller: 'gateway',
    request: () => mfaV1.RemoveTotpRequest.encode({ password: 'a wrong password' }).finish(),
    metadata: byCustomerFromSomewhere,
    decision: NO_FACTOR,
  },
  regenerateRecoveryCodes: {
    caller: 'gateway',
    request: () => mfaV1.RegenerateRecoveryCodesRequest.encode({}).finish(),
    metadata: byCustomerFromSomewhere,
    decision: NO_FACTOR,
  },
};
