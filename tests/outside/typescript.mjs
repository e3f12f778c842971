// What clients in TypeScript see of the server, as JSON: node typescript.mjs PACKAGE DB COMMAND [ARGUMENT...]
// or node typescript.mjs PACKAGE - URL. One user reads the base in the file DB, or of the key "reader". Three delete, each in a sandbox of its own: the first answers the
// question with yes, the second with no, the third has a host that cannot ask.

const CUSTOMER = "faktoora://customers/{id}";
const NEW = { isCompany: true, name: "Übersee GmbH", address: "Am Kai 1", postcode: "20457", city: "Hamburg" };
const PACKAGES = {
  "@modelcontextprotocol/sdk": async () => ({
    ...(await import("@modelcontextprotocol/sdk/client/index.js")),
    ...(await import("@modelcontextprotocol/sdk/client/stdio.js")),
    ...(await import("@modelcontextprotocol/sdk/client/streamableHttp.js")),
    ...(await import("@modelcontextprotocol/sdk/validation/ajv")),
    question: (await import("@modelcontextprotocol/sdk/types.js")).ElicitRequestSchema,
    options: {},
    call: (client, params, options) => client.callTool(params, undefined, options),
  }),
  "@modelcontextprotocol/client": async () => ({
    ...(await import("@modelcontextprotocol/client")),
    ...(await import("@modelcontextprotocol/client/stdio")),
    ...(await import("@modelcontextprotocol/client/validators/ajv")),
    question: "elicitation/create",
    options: { versionNegotiation: { mode: "auto" } },
    call: (client, params, options) => client.callTool(params, options),
  }),
};

const [name, db, command, ...args] = process.argv.slice(2);
const sdk = await PACKAGES[name]();

const telling = (Base) =>
  class extends Base {
    setProtocolVersion(version) {
      this.revision = version;
      super.setProtocolVersion?.(version);
    }
  };
const Process = telling(sdk.StdioClientTransport);
const Address = telling(sdk.StreamableHTTPClientTransport);

function transportTo(key, env) {
  if (!command.startsWith("http")) return new Process({ command, args, env: { ...process.env, ...env } });
  return new Address(new URL(command), { requestInit: { headers: { "X-API-KEY": `key-of-${key}` } } });
}

class Validator extends sdk.AjvJsonSchemaValidator {
  verdicts = [];

  getValidator(schema) {
    const validate = super.getValidator(schema);
    return (value) => {
      const verdict = validate(value);
      this.verdicts.push(verdict.valid);
      return verdict;
    };
  }
}

class User {
  questions = [];
  validator = new Validator();

  constructor(key, { answer, env } = {}) {
    this.transport = transportTo(key, env);
    const capabilities = answer ? { elicitation: { form: {} } } : {};
    const options = { ...sdk.options, capabilities, jsonSchemaValidator: this.validator };
    this.client = new sdk.Client({ name: "probe", version: "1" }, options);
    if (!answer) return;
    this.client.setRequestHandler(sdk.question, ({ params }) => {
      this.questions.push(params.message);
      return answer;
    });
  }

  async work(steps) {
    await this.client.connect(this.transport);
    try {
      const seen = { tools: (await this.client.listTools()).tools };
      for (const step of steps) Object.assign(seen, await step(this));
      return { ...seen, ...this.noted() };
    } finally {
      await this.client.close();
    }
  }

  noted() {
    return { revision: this.transport.revision, questions: this.questions, verdicts: this.validator.verdicts };
  }

  call(name, args = {}, options = {}) {
    return sdk.call(this.client, { name, arguments: args }, options);
  }

  async complete(value) {
    const ref = { type: "ref/resource", uri: CUSTOMER };
    return (await this.client.complete({ ref, argument: { name: "id", value } })).completion.values;
  }

  async read(uri) {
    const { contents } = await this.client.readResource({ uri });
    return contents[0].text;
  }
}

async function reads(user) {
  const progress = [];
  const onprogress = (event) => progress.push(event);
  return {
    answers: {
      list_customers: await user.call("list_customers", { keywords: ["Winkler"] }),
      get_customer: await user.call("get_customer", { number: "CUST-0003" }),
      query_customers: await user.call("query_customers", { group_by: ["country"], limit: 0 }, { onprogress }),
      find_duplicate_customers: await user.call("find_duplicate_customers"),
      generate_customer_number: await user.call("generate_customer_number"),
      verify_customer_number: await user.call("verify_customer_number", { number: "CUST-0003" }),
    },
    progress,
    refused: await user.call("list_customers", { per_pag: 1 }),
  };
}

async function offers(user) {
  const prompt = { name: "find_customer", arguments: { description: "Müller & Söhne" } };
  const uris = (await user.client.listResources()).resources.map(({ uri }) => uri);
  const templates = (await user.client.listResourceTemplates()).resourceTemplates;
  return {
    prompts: (await user.client.listPrompts()).prompts.map(({ name }) => name),
    prompt: (await user.client.getPrompt(prompt)).messages[0].content.text,
    references: Object.fromEntries(await Promise.all(uris.map(async (uri) => [uri, await user.read(uri)]))),
    templates: templates.map(({ uriTemplate }) => uriTemplate),
    customer: await user.read(CUSTOMER.replace("{id}", "cust_abc123")),
    nobody: await user.read(CUSTOMER.replace("{id}", "nobody")).catch(({ code, message }) => ({ code, message })),
    completions: { number: await user.complete("CUST-0003"), name: await user.complete("getränke winkler") },
  };
}

async function writes(user) {
  const tried = await user.call("create_customer", { customer: NEW, dry_run: true });
  const created = await user.call("create_customer", { customer: NEW });
  const { id } = created.structuredContent.customer;
  return {
    tried,
    created,
    updated: await user.call("update_customer", { id, changes: { city: "Altona" } }),
    deleted: await user.call("delete_customer", { id }),
    deletedByName: await user.call("delete_customer", { id, confirm: NEW.name }),
    afterwards: await user.call("get_customer", { id }),
  };
}

const [reader, yes, no, unasked] = await Promise.all([
  new User("reader", { env: { FAKTOORA_DB: db } }).work([reads, offers]),
  new User("yes-man", { answer: { action: "accept", content: { agreed: true } } }).work([writes]),
  new User("no-man", { answer: { action: "decline" } }).work([writes]),
  new User("unasked").work([writes]),
]);
console.log(JSON.stringify({ reader, yes, no, unasked }));
