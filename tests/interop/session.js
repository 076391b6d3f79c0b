// One session with a server that is known by its address alone: everything else is asked of it by reflection.
// Prints what it found as one JSON object; tests/interop/test_node.py judges it.

"use strict";

const grpc = require("@grpc/grpc-js");
const protoLoader = require("@grpc/proto-loader");
const protobuf = require("protobufjs");
const descriptor = require("protobufjs/ext/descriptor");

const OPTIONS = { keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true };
const address = process.argv[2];
const credentials = grpc.credentials.createInsecure();

// grpc.reflection.v1alpha, of which nothing more is needed.
const REFLECTION = `
syntax = "proto3";
package grpc.reflection.v1alpha;
service ServerReflection { rpc ServerReflectionInfo(stream ServerReflectionRequest) returns (stream ServerReflectionResponse); }
message ServerReflectionRequest {
  string host = 1;
  oneof message_request { string file_by_filename = 3; string file_containing_symbol = 4; string list_services = 7; }
}
message ServerReflectionResponse {
  oneof message_response {
    FileDescriptorResponse file_descriptor_response = 4;
    ListServiceResponse list_services_response = 6;
    ErrorResponse error_response = 7;
  }
}
message FileDescriptorResponse { repeated bytes file_descriptor_proto = 1; }
message ListServiceResponse { repeated ServiceResponse service = 1; }
message ServiceResponse { string name = 1; }
message ErrorResponse { int32 error_code = 1; string error_message = 2; }
`;

function connect(definition, name) {
  const found = name.split(".").reduce((scope, part) => scope[part], grpc.loadPackageDefinition(definition));
  return new found(address, credentials);
}

// Ask one question of the reflection service.
function reflect(client, question) {
  return new Promise((resolve, reject) => {
    const stream = client.ServerReflectionInfo({ deadline: Date.now() + 20000 });
    stream.on("data", (answer) => {
      stream.end();
      if (answer.error_response) reject(new Error(`${JSON.stringify(question)}: ${answer.error_response.error_message}`));
      else resolve(answer);
    });
    stream.on("error", reject);
    stream.write(question);
  });
}

// Call a method; its reply, or its error with the google.rpc.Status taken apart.
function call(client, method, request, root) {
  return new Promise((resolve) => {
    client[method](request, { deadline: Date.now() + 20000 }, (error, reply) => {
      if (!error) return resolve({ reply });
      const [bytes] = error.metadata.get("grpc-status-details-bin");
      const status = bytes ? root.lookupType("google.rpc.Status").decode(bytes) : { details: [] };
      const details = status.details.map((packed) => {
        const name = packed.type_url.split("/").pop();
        const type = root.lookupType(name);
        const detail = type.toObject(type.decode(packed.value), { longs: Number, defaults: true });
        // protobufjs leaves a map that it knows from a descriptor as the list of entries that it is on the wire.
        if (Array.isArray(detail.metadata)) detail.metadata = Object.fromEntries(detail.metadata.map((entry) => [entry.key, entry.value]));
        return { type: name, ...detail };
      });
      resolve({ code: grpc.status[error.code], message: error.details, details, requestId: error.metadata.get("x-request-id")[0] });
    });
  });
}

async function main() {
  const parsed = protobuf.parse(REFLECTION, { keepCase: true }).root;
  const reflection = connect(protoLoader.fromJSON(parsed.toJSON(), OPTIONS), "grpc.reflection.v1alpha.ServerReflection");
  const listed = (await reflect(reflection, { list_services: "" })).list_services_response.service.map((one) => one.name);

  const files = new Map(); // by name, as the server's own descriptors say
  const wanted = [...listed.filter((name) => !name.startsWith("grpc.reflection")), "google.rpc.Status", "google.rpc.ErrorInfo"];
  for (const symbol of wanted) {
    const { file_descriptor_response: answer } = await reflect(reflection, { file_containing_symbol: symbol });
    for (const bytes of answer.file_descriptor_proto) files.set(descriptor.FileDescriptorProto.decode(bytes).name, bytes);
  }
  for (const bytes of [...files.values()]) {
    for (const name of descriptor.FileDescriptorProto.decode(bytes).dependency) {
      if (files.has(name)) continue;
      const { file_descriptor_response: answer } = await reflect(reflection, { file_by_filename: name });
      for (const more of answer.file_descriptor_proto) files.set(descriptor.FileDescriptorProto.decode(more).name, more);
    }
  }
  reflection.close();

  const set = descriptor.FileDescriptorSet.fromObject({ file: [...files.values()].map((bytes) => descriptor.FileDescriptorProto.decode(bytes)) });
  const definition = protoLoader.loadFileDescriptorSetFromObject(descriptor.FileDescriptorSet.toObject(set), OPTIONS);
  const root = protobuf.Root.fromDescriptor(set);
  const health = connect(definition, "grpc.health.v1.Health");
  const identity = connect(definition, "idweave.v1.IdentityService");

  const identifiers = [{ namespace: "email", value: "Jo@Kranich-Werft.de" }, { namespace: "phone", value: "+49 30 8823 4417" }];
  const observation = {
    observation_id: "node-1",
    source: { name: "web" },
    time: { seconds: 1700000000, nanos: 5 },
    evidence_kind: "LOGIN",
    identifiers,
    traits: [{ name: "first_name", text: "Jo" }],
  };
  const found = {
    services: listed,
    methods: Object.keys(Object.getPrototypeOf(identity)).filter((name) => /^[A-Z]/.test(name)),
    health: (await call(health, "Check", { service: "idweave.v1.IdentityService" }, root)).reply,
    ingested: await call(identity, "Ingest", { observation }, root),
    again: await call(identity, "Ingest", { observation }, root),
    looked: await call(identity, "Lookup", { identifiers, include_profile: true }, root),
    unknown: await call(identity, "Lookup", { identifiers: [{ namespace: "email", value: "nobody@lindenhof.net" }] }, root),
    bad: await call(identity, "Lookup", {}, root),
    missing: await call(identity, "GetProfile", { profile_id: "00000000-0000-7000-8000-000000000000" }, root),
  };
  health.close();
  identity.close();
  console.log(JSON.stringify(found));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
