import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { unchained } from '../audit.fixture';
import { canonicalForm, type ChainedEvent } from './canonical-event';
import { formatHead, hashOf, hashOfName, parseHead } from './chain-hash';

const event: ChainedEvent = { ...unchained('token_expired', { target: 'GET /ü' }), seq: 7 };

describe('canonicalForm', () => {
  it('is the names and values of what is not null, each with its length in bytes', () => {
    expect(canonicalForm(event).toString()).toBe(
      [
        '3:seq,1:7,',
        '11:recorded_at,24:2026-11-26T10:00:00.123Z,',
        '4:type,5:token,',
        '7:outcome,7:refused,',
        '6:reason,13:token_expired,',
        '14:correlation_id,15:c-token_expired,',
        '6:target,7:GET /ü,',
      ].join(''),
    );
  });

  it('is another one for every other event', () => {
    const text = fc.option(fc.string(), { nil: null });
    const events = fc.record({
      ...{ seq: fc.nat(), recorded_at: fc.constant(event.recorded_at), type: fc.string() },
      ...{ outcome: fc.string(), reason: fc.string(), correlation_id: text, caller: text },
      ...{ principal: text, session: text, api_key_id: text, target: text },
      ...{ client_address: text, client_port: fc.option(fc.nat()), lost_events: fc.constant(null) },
      ...{ certificate: text },
    });
    fc.assert(
      fc.property(events, events, (one, other) => {
        const areEqual = JSON.stringify(one) === JSON.stringify(other);
        expect(canonicalForm(one).equals(canonicalForm(other))).toBe(areEqual);
      }),
    );
  });

  it.each<Partial<ChainedEvent>>([
    { caller: '' },
    { caller: 'token_expired' },
    { reason: 'token_expired,' },
    { target: null, caller: 'GET /ü' },
    { client_port: 0 },
    { lost_events: 1 },
    { certificate: 'x' },
    { recorded_at: new Date('2026-11-26T10:00:00.124Z') },
  ])('changes with %j', (change) => {
    expect(canonicalForm({ ...event, ...change })).not.toEqual(canonicalForm(event));
  });
});

describe('hashes', () => {
  it('are of the hash before and the canonical form, from the name of the chain on', () => {
    const name = hashOfName('orders-service', '1b4e28ba-2fa1-11d2-883f-0016d3cca427');
    expect(name.toString('hex')).toBe(
      createHash('sha256')
        .update('orders-service/1b4e28ba-2fa1-11d2-883f-0016d3cca427')
        .digest('hex'),
    );
    const bytes = Buffer.concat([name, canonicalForm(event)]);
    expect(hashOf(name, event)).toEqual(createHash('sha256').update(bytes).digest());
  });
});

describe('parseHead', () => {
  const hash = 'a'.repeat(64);
  it.each(['', hash, `1:${hash}0`, `01:${hash}`, `-1:${hash}`, `1:${'A'.repeat(64)}`, '1:abc'])(
    'takes no %j',
    (text) => {
      expect(parseHead(text)).toBeUndefined();
    },
  );

  it('takes what formatHead writes', () => {
    const head = { seq: 12, hash: Buffer.alloc(32, 7) };
    expect(parseHead(formatHead(head))).toEqual(head);
  });
});
