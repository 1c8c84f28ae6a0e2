import { ordersV1 } from '@sallyport/contracts';

export type GreetRequest = ordersV1.GetOrderRequest;
export type GreetResponse = ordersV1.GetOrderRequest;

/** Stands for what ts-proto generates from the reader's own .proto file. */
export const GreeterServiceDefinition = {
  name: 'GreeterService',
  fullName: 'greeter.v1.GreeterService',
  methods: {
    greet: {
      name: 'Greet',
      requestType: ordersV1.GetOrderRequest,
      requestStream: false,
      responseType: ordersV1.GetOrderRequest,
      responseStream: false,
    },
  },
} as const;
