import { EventEmitter } from 'node:events';
import type { Server } from 'node:net';
import { RecordedSecurityEvents } from '@sallyport/testing';
import { limitConnections } from './connection-limits';

/** A listener that takes two connections of one address; `open` says whether one from there was taken. */
function setUp() {
  const events = new RecordedSecurityEvents();
  const server = new EventEmitter();
  limitConnections(server as Server, { connections: 10, connectionsPerAddress: 2 }, events);
  const open = (remoteAddress: string) => {
    let isTaken = true;
    const socket = Object.assign(new EventEmitter(), {
      remoteAddress,
      destroy: () => (isTaken = false),
    });
    server.emit('connection', socket);
    return { isTaken, close: () => socket.emit('close') };
  };
  return { events, open };
}

it.each([
  ['an address', '192.0.2.1', '192.0.2.1', '::ffff:192.0.2.1'],
  ['an IPv6 block', '2001:db8:1:2::1', '2001:db8:1:2:ffff::1', '2001:db8:1:2::3'],
])('%s counts as one client', (_name, ...block) => {
  const { events, open } = setUp();
  const [first, second, third] = block.map(open);
  expect([first, second, third].map((socket) => socket?.isTaken)).toEqual([true, true, false]);
  expect(open(block[0]).isTaken).toBe(false);
  expect(events.refusals).toEqual(['too_many_connections']);
  first?.close();
  expect(open(block[2]).isTaken).toBe(true);
});

it.each([
  ['192.0.2.1', '192.0.2.2'],
  ['2001:db8:1:2::1', '2001:db8:1:3::1'],
])('%s and %s do not', (one, other) => {
  const { events, open } = setUp();
  const taken = [one, one, other, other].map((address) => open(address).isTaken);
  expect(taken).toEqual([true, true, true, true]);
  expect(events.all).toEqual([]);
});
