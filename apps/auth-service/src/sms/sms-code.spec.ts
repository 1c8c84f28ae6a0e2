import { randomBytes } from 'node:crypto';
import { KEY_ENCRYPTION_KEY } from '../auth.fixture';
import { FileKeyEncryption } from '../signing-keys/file.key-encryption';
import { newSmsCode, parseSmsCode, smsCodeMac } from './sms-code';

it('makes six digits, leading zeros as often as others', () => {
  const codes = Array.from({ length: 20_000 }, newSmsCode);
  expect(codes.every((code) => /^\d{6}$/.test(code))).toBe(true);
  const zeros = codes.filter((code) => code.startsWith('0')).length;
  // A tenth: 2,000, of which this is five standard deviations.
  expect(Math.abs(zeros - 2_000)).toBeLessThan(212);
});

it.each(['', '12345', '1234567', '12345a', '１２３４５６'])('takes %j for no code', (presented) => {
  expect(parseSmsCode(presented)).toBeUndefined();
});

it('takes a code as people type it', () => {
  expect(parseSmsCode(' 012 345')).toBe('012345');
});

it('keeps something else of a code for each request, factor and key', async () => {
  const encryption = new FileKeyEncryption(KEY_ENCRYPTION_KEY);
  const boundTo = randomBytes(32);
  const macs = await Promise.all([
    smsCodeMac(encryption, '012345', { boundTo, factorId: 'a' }),
    smsCodeMac(encryption, '012346', { boundTo, factorId: 'a' }),
    smsCodeMac(encryption, '012345', { boundTo, factorId: 'b' }),
    smsCodeMac(encryption, '012345', { boundTo: randomBytes(32), factorId: 'a' }),
    smsCodeMac(new FileKeyEncryption(randomBytes(32)), '012345', { boundTo, factorId: 'a' }),
  ]);
  expect(new Set(macs.map((mac) => mac.toString('hex'))).size).toBe(5);
});
