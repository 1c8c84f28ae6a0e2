import type { IncomingMessage } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import { takesClientCertificate } from '../declarations/client-certificate.decorator';
import { httpTargetsOf } from '../declarations/declared-handlers';
import type { Arrival } from '../inbound/admission';

/** An HTTP request on a mutual TLS listener, before anything about it is believed. */
export function httpArrival(context: ExecutionContext, request: IncomingMessage): Arrival {
  const { socket, headersDistinct } = request;
  const [target = context.getHandler().name] = httpTargetsOf(
    context.getClass(),
    context.getHandler(),
  );
  return {
    transport: 'http',
    target,
    connection: socket,
    socket,
    peerAddress: socket.remoteAddress,
    takesClientCertificate: takesClientCertificate(context.getHandler()),
    headers: {
      names: Object.keys(headersDistinct),
      values: (name) => headersDistinct[name] ?? [],
    },
  };
}
