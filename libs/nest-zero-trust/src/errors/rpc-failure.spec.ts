import { HttpException } from '@nestjs/common';
import { RPC_STATUS, RpcError } from '@sallyport/contracts';
import { HTTP_STATUS_OF } from './http-status';
import { problemOf } from './problem';
import { rpcFailureOf } from './rpc-failure';
import { ServiceError } from './service-error';

describe('the mapping of failures', () => {
  it('gives every gRPC status an HTTP status that is an error', () => {
    expect(Object.keys(HTTP_STATUS_OF).sort()).toEqual(Object.keys(RPC_STATUS).sort());
    for (const status of Object.values(HTTP_STATUS_OF)) expect(status).toBeGreaterThanOrEqual(400);
  });

  it.each([
    ['an error', new Error('secret')],
    ['undefined', undefined],
    ['an object with a status', { status: 'OK', reason: 'secret' }],
    ['an error with a foreign code', Object.assign(new Error('secret'), { code: '23505' })],
  ])('takes %s for a defect', (_name, error) => {
    expect(rpcFailureOf(error)).toEqual({
      status: 'INTERNAL',
      reason: 'internal_error',
      isDefect: true,
    });
    expect(problemOf(error)).toEqual({ status: 500, code: 'internal_error', isDefect: true });
  });

  it("takes a framework's 5xx for a defect, and shows nothing of it", () => {
    expect(problemOf(new HttpException('secret', 502))).toEqual({
      status: 502,
      code: 'internal_error',
      isDefect: true,
    });
  });

  it('keeps status, reason and detail of a decision', () => {
    expect(rpcFailureOf(new ServiceError('NOT_FOUND', 'order_not_found', 'detail'))).toEqual({
      status: 'NOT_FOUND',
      reason: 'order_not_found',
      detail: 'detail',
      isDefect: false,
    });
    expect(rpcFailureOf(new RpcError('ABORTED', 'reused'))).toEqual({
      status: 'ABORTED',
      reason: 'reused',
      isDefect: false,
    });
  });
});
