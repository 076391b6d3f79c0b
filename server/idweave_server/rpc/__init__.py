"""The edge: protobuf in, an operation, protobuf out; the only package that imports grpc."""
