import { Module, type DynamicModule } from '@nestjs/common';
import { AuditModule, type ReadsSecurityEvents } from '@sallyport/audit';
import { ZeroTrustModule, type ServiceTrust } from '@sallyport/nest-zero-trust';
import { AccessTokenSigner } from '@sallyport/tokens';
import { AccountSecurityModule } from './account-security/account-security.module';
import { AccountsModule } from './accounts/accounts.module';
import { ApiKeysModule } from './api-keys/api-keys.module';
import type { AuthPorts } from './app.ports';
import {
  CLIENT_ADDRESSES,
  CLOCK,
  DATABASE,
  DPOP_NONCE_POLICY,
  LOGGER,
  SECURITY_EVENTS,
  PARTNER_URL,
  TOKEN_PROFILE,
} from './app.tokens';
import { MfaModule } from './mfa/mfa.module';
import { MFA_POLICY } from './mfa/mfa-policy';
import { OauthModule } from './oauth/oauth.module';
import { MailDeliveryModule } from './mail/mail.module';
import { MAIL_SENDER } from './mail/mail-sender';
import { OperatorsModule } from './operators/operators.module';
import { PartnersModule } from './partners/partners.module';
import { PasskeysModule } from './passkeys/passkeys.module';
import { RELYING_PARTY } from './passkeys/relying-party';
import { PasswordResetsModule } from './password-resets/password-resets.module';
import { BREACHED_PASSWORDS } from './passwords/breached-passwords';
import { PASSWORD_HASHING } from './passwords/password-hashing';
import { REGISTRATION_POLICY } from './registrations/registration-policy';
import { RegistrationsModule } from './registrations/registrations.module';
import { REVOCATION_FEED } from './revocations/revocation-feed';
import { SESSION_POLICY } from './sessions/session-policy';
import { RestorationModule } from './restoration/restoration.module';
import { SessionsModule } from './sessions/sessions.module';
import { SMS_OFFER } from './sms/sms-sender';
import { SmsModule } from './sms/sms.module';
import { KEY_ENCRYPTION } from './signing-keys/key-encryption';
import { SIGNING_KEY_POLICY } from './signing-keys/signing-key-policy';
import { SigningKeysModule } from './signing-keys/signing-keys.module';
import { SigningKeysService } from './signing-keys/signing-keys.service';
import { ATTEMPT_THROTTLE } from './throttling/attempt-throttle';
import { EXCHANGE_THROTTLE } from './throttling/exchange-throttle';
import { SMS_THROTTLE } from './throttling/sms-throttle';
import { REFRESH_THROTTLE } from './throttling/refresh-throttle';
import { TransactionTokensModule } from './transaction-tokens/transaction-tokens.module';
import { OWN_ACCESS_TOKENS, ownAccessTokens } from './tokens/own-access-tokens';

/** auth-service: its handlers under access control, over its ports. */
@Module({})
export class AppModule {
  static over(
    trust: ServiceTrust,
    ports: AuthPorts,
    securityEvents: ReadsSecurityEvents,
  ): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ZeroTrustModule.forGrpc(trust),
        PortsModule.of(trust, ports),
        AccountsModule,
        MfaModule,
        PasskeysModule,
        SmsModule,
        SessionsModule,
        ApiKeysModule,
        SigningKeysModule,
        OperatorsModule,
        PartnersModule,
        AuditModule.over(securityEvents),
        OauthModule,
        TransactionTokensModule.over(trust),
        PasswordResetsModule,
        RegistrationsModule,
        AccountSecurityModule,
        MailDeliveryModule,
      ],
    };
  }
}

/** What a command of an operator works with: the services without any listener. */
@Module({})
export class OperatorCommandsModule {
  static over(
    surroundings: Pick<ServiceTrust, 'logger' | 'clock'>,
    ports: AuthPorts,
  ): DynamicModule {
    return {
      module: OperatorCommandsModule,
      imports: [
        PortsModule.of(surroundings, ports),
        OperatorsModule,
        ApiKeysModule,
        PartnersModule,
        OauthModule,
        RestorationModule,
      ],
    };
  }
}

/** Binds the ports for all modules. */
@Module({})
class PortsModule {
  static of(
    { logger, clock }: Pick<ServiceTrust, 'logger' | 'clock'>,
    ports: AuthPorts,
  ): DynamicModule {
    const providers = [
      { provide: LOGGER, useValue: logger },
      { provide: CLOCK, useValue: clock },
      { provide: SECURITY_EVENTS, useValue: ports.events },
      { provide: TOKEN_PROFILE, useValue: ports.tokenProfile },
      { provide: DATABASE, useValue: ports.database },
      { provide: PASSWORD_HASHING, useValue: ports.passwords },
      { provide: BREACHED_PASSWORDS, useValue: ports.breachedPasswords },
      { provide: MAIL_SENDER, useValue: ports.mailSender },
      { provide: SMS_OFFER, useValue: ports.smsOffer },
      { provide: SMS_THROTTLE, useValue: ports.smsThrottle },
      { provide: KEY_ENCRYPTION, useValue: ports.keyEncryption },
      { provide: ATTEMPT_THROTTLE, useValue: ports.throttle },
      { provide: REFRESH_THROTTLE, useValue: ports.refreshThrottle },
      { provide: EXCHANGE_THROTTLE, useValue: ports.exchangeThrottle },
      { provide: AccessTokenSigner, useValue: ports.signer },
      { provide: REVOCATION_FEED, useValue: ports.revocationFeed },
      { provide: SESSION_POLICY, useValue: ports.sessionPolicy },
      { provide: CLIENT_ADDRESSES, useValue: ports.clientAddresses },
      { provide: MFA_POLICY, useValue: ports.mfaPolicy },
      { provide: RELYING_PARTY, useValue: ports.relyingParty },
      { provide: REGISTRATION_POLICY, useValue: ports.registrationPolicy },
      { provide: PARTNER_URL, useValue: ports.partnerUrl },
      { provide: DPOP_NONCE_POLICY, useValue: ports.dpopNonces },
      { provide: SIGNING_KEY_POLICY, useValue: ports.signingKeyPolicy },
      {
        provide: OWN_ACCESS_TOKENS,
        inject: [SigningKeysService],
        useFactory: (keys: SigningKeysService) => ownAccessTokens(ports.tokenProfile, keys, clock),
      },
    ];
    const imports = [SigningKeysModule];
    return { module: PortsModule, global: true, imports, providers, exports: providers };
  }
}
