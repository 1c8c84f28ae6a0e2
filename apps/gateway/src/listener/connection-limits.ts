import type { Server, Socket } from 'node:net';
import type { SecurityEvents } from '@sallyport/observability';
import { BlockCount, blockOf } from './block-count';
import { clientAddressOf } from './client-address';
import type { ListenerLimits } from './listener-limits';
import { SparseEvents } from './sparse-events';

/**
 * Closes connections beyond what a listener takes in all, and from one address block, before a byte of them is read.
 * Nothing can be answered: no handshake has been made. The event about it is recorded at most once a minute for each block.
 */
export function limitConnections(
  server: Server,
  limits: Pick<ListenerLimits, 'connections' | 'connectionsPerAddress'>,
  events: SecurityEvents,
): void {
  const ofBlock = new BlockCount();
  const refusals = new SparseEvents(events);
  let open = 0;

  server.on('connection', (socket: Socket) => {
    const clientAddress = clientAddressOf(socket);
    const block = blockOf(clientAddress);
    if (open >= limits.connections || ofBlock.of(block) >= limits.connectionsPerAddress) {
      refusals.record(block, {
        type: 'transport',
        outcome: 'refused',
        reason: 'too_many_connections',
        clientAddress,
      });
      socket.destroy();
      return;
    }
    open += 1;
    ofBlock.add(block);
    socket.once('close', () => {
      open -= 1;
      ofBlock.remove(block);
    });
  });
}
