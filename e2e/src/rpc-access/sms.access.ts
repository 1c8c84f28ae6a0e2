import { smsV1 } from '@sallyport/contracts';
import { byAnyone, byCustomer } from './access';
import type { AccessTable, World } from './access';

const REFUSED = { status: 'UNAUTHENTICATED', reason: 'mfa_refused' } as const;
const NO_FACTOR = { status: 'NOT_FOUND', reason: 'factor_not_found' } as const;

/** Their attempts are counted. */
const byCustomerFromSomewhere = (world: World): Readonly<Record<string, string>> => ({
  ...byCustomer(world),
  ...byAnyone(),
});

/** No message is sent. */
export const SMS_ACCESS: AccessTable<typeof smsV1.SmsServiceDefinition> = {
  sendLoginCode: {
    caller: 'gateway',
    request: () => smsV1.SendLoginCodeRequest.encode({ mfaToken: 'no-challenge' }).finish(),
    metadata: byAnyone,
    decision: { ...REFUSED, recorded: 'mfa_challenge_refused' },
  },
  sendStepUpCode: {
    caller: 'gateway',
    request: () => smsV1.SendStepUpCodeRequest.encode({}).finish(),
    metadata: byCustomerFromSomewhere,
    decision: NO_FACTOR,
  },
  beginPhone: {
    caller: 'gateway',
    request: () =>
      smsV1.BeginPhoneRequest.encode({ phoneNumber: 'none', acceptsRisk: true }).finish(),
    metadata: byCustomerFromSomewhere,
    decision: { status: 'INVALID_ARGUMENT', reason: 'phone_number_refused' },
  },
  confirmPhone: {
    caller: 'gateway',
    request: () => smsV1.ConfirmPhoneRequest.encode({ code: '000000' }).finish(),
    metadata: byCustomerFromSomewhere,
    decision: { ...REFUSED, recorded: 'sms_code_refused' },
  },
  removePhone: {
    caller: 'gateway',
    request: () => smsV1.RemovePhoneRequest.encode({}).finish(),
    metadata: byCustomerFromSomewhere,
    decision: NO_FACTOR,
  },
};
