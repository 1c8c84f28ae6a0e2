import { ordersV1 } from '@sallyport/contracts';
import { Payload } from '@nestjs/microservices';
import { RpcMethod } from '../index';
import { ProbeDefinition } from '../probe-service.fixture';
import { rpcPathOf } from './rpc-method.decorator';

type Answer = ordersV1.ListOrdersResponse;

const answer = (nextPageToken = ''): Answer => ({ orders: [], nextPageToken });

// The type checker is the test of what must not compile: it fails where no error is found.
describe('@RpcMethod', () => {
  it('does not take a method that the definition does not have', () => {
    // @ts-expect-error: there is no such rpc
    expect(() => RpcMethod(ProbeDefinition, 'opne')).toThrow(TypeError);
  });

  it('does not take a handler of another request', () => {
    class Controller {
      // @ts-expect-error: the rpc has another request
      @RpcMethod(ProbeDefinition, 'open')
      open({ idempotencyKey }: ordersV1.CreateOrderRequest): Answer {
        return answer(idempotencyKey);
      }
    }
    expect(Controller).toBeDefined();
  });

  it('does not take a handler of another response', () => {
    class Controller {
      // @ts-expect-error: the rpc has another response
      @RpcMethod(ProbeDefinition, 'open')
      open({ id }: ordersV1.GetOrderRequest): ordersV1.GetOrderRequest {
        return { id };
      }
    }
    expect(Controller).toBeDefined();
  });

  it('takes a handler that answers now or later, with or without the request', () => {
    class Controller {
      @RpcMethod(ProbeDefinition, 'open')
      now(): Answer {
        return answer();
      }

      @RpcMethod(ProbeDefinition, 'own')
      async later(@Payload() { id }: ordersV1.GetOrderRequest): Promise<Answer> {
        return answer(id);
      }
    }
    const { now, later } = Controller.prototype;
    expect([now, later].map(rpcPathOf)).toEqual([
      '/sallyport.test.v1.ProbeService/Open',
      '/sallyport.test.v1.ProbeService/Own',
    ]);
  });
});
