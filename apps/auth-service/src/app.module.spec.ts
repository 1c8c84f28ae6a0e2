import { NestFactory } from '@nestjs/core';
import { collectAccessDeclarations } from '@sallyport/nest-zero-trust';
import { createLogger } from '@sallyport/observability';
import { createDatabase } from '@sallyport/persistence';
import { FakeCa, FakeClock, RecordedSecurityEvents } from '@sallyport/testing';
import { AccessTokenSigner } from '@sallyport/tokens';
import { CountingPasswordHashing, ScriptedThrottle } from './accounts/accounts.fixture';
import { AppModule } from './app.module';
import { KEY_ENCRYPTION_KEY } from './auth.fixture';
import type { AuthTables } from './auth.tables';
import { FileKeyEncryption } from './signing-keys/file.key-encryption';

describe('AppModule', () => {
  it('declares who may call each handler and for whom it works', async () => {
    const ca = await FakeCa.create();
    const events = new RecordedSecurityEvents();
    const clock = new FakeClock().now;
    const trust = {
      source: await ca.source('auth-service'),
      workload: { trustDomain: ca.trustDomain, namespace: 'sallyport', gateway: 'gateway' },
      events,
      calls: { record: () => undefined },
      logger: createLogger({ service: 'auth-service', level: 'silent' }),
      clock,
    };
    // Nothing is listened on and nothing is connected to.
    const database = createDatabase<AuthTables>({
      url: 'postgres://127.0.0.1/none',
      applicationName: 'auth-service',
    });
    const ports = {
      database,
      events,
      throttle: new ScriptedThrottle(),
      passwords: new CountingPasswordHashing(),
      keyEncryption: new FileKeyEncryption(KEY_ENCRYPTION_KEY),
      signer: new AccessTokenSigner({
        issuer: 'https://localhost:8443',
        audience: 'https://api.sallyport.internal',
        lifetimeSeconds: 900,
        clock,
      }),
    };
    const app = await NestFactory.createApplicationContext(AppModule.over(trust, ports), {
      logger: false,
    });

    expect(collectAccessDeclarations(app)).toMatchInlineSnapshot(`
      [
        {
          "callers": [
            "gateway",
          ],
          "handler": "AccountsController.getAccount",
          "identity": "principal",
          "target": "sallyport.auth.v1.AuthService/GetAccount",
          "transport": "grpc",
        },
        {
          "callers": [
            "gateway",
          ],
          "handler": "AccountsController.logIn",
          "identity": "public",
          "target": "sallyport.auth.v1.AuthService/Login",
          "transport": "grpc",
        },
        {
          "callers": [
            "gateway",
          ],
          "handler": "SessionsController.logout",
          "identity": "public",
          "target": "sallyport.auth.v1.AuthService/Logout",
          "transport": "grpc",
        },
        {
          "callers": [
            "gateway",
          ],
          "handler": "SessionsController.refresh",
          "identity": "public",
          "target": "sallyport.auth.v1.AuthService/Refresh",
          "transport": "grpc",
        },
        {
          "callers": [
            "gateway",
          ],
          "handler": "AccountsController.register",
          "identity": "public",
          "target": "sallyport.auth.v1.AuthService/Register",
          "transport": "grpc",
        },
        {
          "callers": [
            "gateway",
          ],
          "handler": "JwksController.published",
          "identity": "public",
          "target": "GET /.well-known/jwks.json",
          "transport": "http",
        },
      ]
    `);
    await app.close();
    await database.close();
  });
});
