import { randomBytes, randomUUID } from 'node:crypto';
import { authV1 } from '@sallyport/contracts';
import { refreshTokenOf } from '../customers';
import { byAnyone, byChanger, byCustomer, byLeaver } from './access';
import type { AccessTable } from './access';

const userAgent = 'e2e';

export const AUTH_ACCESS: AccessTable<typeof authV1.AuthServiceDefinition> = {
  register: {
    caller: 'gateway',
    request: () =>
      authV1.RegisterRequest.encode({
        email: `callers-${randomUUID()}@example.com`,
        password: randomBytes(18).toString('base64url'),
        userAgent,
        deviceTokens: '',
      }).finish(),
    metadata: byAnyone,
  },
  login: {
    caller: 'gateway',
    request: ({ customer: { email, password } }) =>
      authV1.LoginRequest.encode({ email, password, userAgent, deviceTokens: '' }).finish(),
    metadata: byAnyone,
  },
  refresh: {
    caller: 'gateway',
    request: ({ customer }) =>
      authV1.RefreshRequest.encode({ refreshToken: refreshTokenOf(customer), userAgent }).finish(),
  },
  logout: {
    caller: 'gateway',
    request: () => authV1.LogoutRequest.encode({ refreshToken: 'unknown' }).finish(),
  },
  getAccount: {
    caller: 'gateway',
    request: () => authV1.GetAccountRequest.encode({}).finish(),
    metadata: byCustomer,
  },
  changePassword: {
    caller: 'gateway',
    request: ({ changer: { password } }) =>
      authV1.ChangePasswordRequest.encode({
        currentPassword: password,
        newPassword: password,
        userAgent,
        deviceTokens: '',
      }).finish(),
    metadata: (world) => ({ ...byAnyone(), ...byChanger(world) }),
  },
  requestPasswordReset: {
    caller: 'gateway',
    // Of an account: a reset for nobody leaves a refusal, some moments later.
    request: ({ changer: { email } }) =>
      authV1.RequestPasswordResetRequest.encode({ email }).finish(),
    metadata: byAnyone,
  },
  resetPassword: {
    caller: 'gateway',
    request: () =>
      authV1.ResetPasswordRequest.encode({
        token: 'unknown',
        newPassword: randomBytes(18).toString('base64url'),
      }).finish(),
    metadata: byAnyone,
    decision: {
      status: 'INVALID_ARGUMENT',
      reason: 'password_reset_refused',
      recorded: 'password_reset_unknown',
    },
  },
  confirmRegistration: {
    caller: 'gateway',
    request: () =>
      authV1.ConfirmRegistrationRequest.encode({
        ...{ token: 'unknown', userAgent: '', deviceTokens: '' },
        password: randomBytes(18).toString('base64url'),
      }).finish(),
    metadata: byAnyone,
    decision: {
      status: 'INVALID_ARGUMENT',
      reason: 'registration_confirmation_refused',
      recorded: 'registration_link_unknown',
    },
  },
  listSessions: {
    caller: 'gateway',
    request: () => authV1.ListSessionsRequest.encode({}).finish(),
    metadata: byCustomer,
  },
  endSession: {
    caller: 'gateway',
    request: ({ leaver: { sessionId } }) => authV1.EndSessionRequest.encode({ sessionId }).finish(),
    metadata: byLeaver,
  },
  endOtherSessions: {
    caller: 'gateway',
    request: () => authV1.EndOtherSessionsRequest.encode({}).finish(),
    metadata: byLeaver,
  },
  endAllSessions: {
    caller: 'gateway',
    request: () => authV1.EndAllSessionsRequest.encode({}).finish(),
    metadata: byLeaver,
  },
  listConsents: {
    caller: 'gateway',
    request: () => authV1.ListConsentsRequest.encode({}).finish(),
    metadata: byCustomer,
  },
  withdrawConsent: {
    caller: 'gateway',
    request: () => authV1.WithdrawConsentRequest.encode({ clientId: 'client-of-nobody' }).finish(),
    metadata: byCustomer,
    decision: { status: 'NOT_FOUND', reason: 'consent_not_found' },
  },
  revokeToken: {
    caller: 'gateway',
    request: () => authV1.RevokeTokenRequest.encode({ token: 'unknown' }).finish(),
  },
};
