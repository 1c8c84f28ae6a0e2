import type { Server, Socket } from 'node:net';
import type { SecurityEvents } from '@sallyport/observability';
import { clientAddressOf } from './client-address';
import type { ListenerLimits } from './listener-limits';
import { SparseEvents } from './sparse-events';

/**
 * Closes connections beyond what a listener takes in all, and from one address, before a byte of them is read. Nothing
 * can be answered: no handshake has been made. The event about it is recorded at most once a minute for each address.
 */
export function limitConnections(
  server: Server,
  limits: Pick<ListenerLimits, 'connections' | 'connectionsPerAddress'>,
  events: SecurityEvents,
): void {
  const ofAddress = new Map<string, number>();
  const refusals = new SparseEvents(events);
  let open = 0;

  server.on('connection', (socket: Socket) => {
    const clientAddress = clientAddressOf(socket);
    const before = ofAddress.get(clientAddress) ?? 0;
    if (open >= limits.connections || before >= limits.connectionsPerAddress) {
      refusals.record(clientAddress, {
        type: 'transport',
        outcome: 'refused',
        reason: 'too_many_connections',
        clientAddress,
      });
      socket.destroy();
      return;
    }
    open += 1;
    ofAddress.set(clientAddress, before + 1);
    socket.once('close', () => {
      open -= 1;
      const left = (ofAddress.get(clientAddress) ?? 1) - 1;
      if (left === 0) ofAddress.delete(clientAddress);
      else ofAddress.set(clientAddress, left);
    });
  });
}
