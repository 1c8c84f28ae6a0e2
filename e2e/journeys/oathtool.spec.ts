import { describeWithOathtool } from '@sallyport/testing';
import { signedIn, signUp } from '../src/customers';
import { PublicClient } from '../src/public-client';
import {
  askMfa,
  beginTotp,
  challengeFor,
  totpCode,
  untilStepLasts,
  verifyCode,
} from '../src/second-factors';

const PERIOD_MS = 30_000;

const client = new PublicClient();

describeWithOathtool('an authenticator app by somebody else', (oathtool) => {
  it('is enrolled with its codes, and signs its owner in', async () => {
    const ada = await signUp(client);
    const secret = await beginTotp(client, ada);
    const codeOfStep = async (away: number) => {
      await untilStepLasts();
      return oathtool.codeAt(secret, new Date(Date.now() + away * PERIOD_MS));
    };

    const confirmed = await askMfa(client, ada, 'POST', '/totp/confirm', {
      code: await codeOfStep(-1),
    });
    expect(confirmed).toMatchObject({ status: 200 });

    const challenge = await challengeFor(client, ada);
    const answer = await verifyCode(client, challenge, await codeOfStep(0));
    expect(signedIn(answer, ada)).toMatchObject({ userId: ada.userId });
  });

  it('shows what the other tests show', async () => {
    const secret = await beginTotp(client, await signUp(client));
    const code = await totpCode(secret);
    expect(await oathtool.accepts(secret, code, new Date(Date.now() - 2 * PERIOD_MS))).toBe(false);
    expect(await oathtool.accepts(secret, code, new Date())).toBe(true);
  });
});
