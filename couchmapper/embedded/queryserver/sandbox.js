// What CouchDB gives to the functions of a design document, and the loop that calls them.
//
// Texts go in and come out: every operation takes a JSON array of items and returns
// {"results": [one per item], "log": [what the functions told], "failure": [code, reason] or null}.
// https://docs.couchdb.org/en/stable/query-server/javascript.html
(function (global, evaluate) {
  "use strict";

  var freeze = Object.freeze;
  var parse = JSON.parse;
  var stringify = JSON.stringify;
  var described = Object.prototype.toString;

  var functions = []; // in the order in which they were added
  var told = []; // lines for the log
  var rows = []; // what the running map function emitted
  var overflow = { most: 4096, name: "reduce_overflow_error" };

  // --- what the functions see -------------------------------------------------------------------

  // Nothing that CouchDB's own sandbox lacks: what works here must work there.
  var known =
    "Object Function Error EvalError RangeError ReferenceError SyntaxError TypeError URIError InternalError " +
    "AggregateError Array parseInt parseFloat isNaN isFinite decodeURI decodeURIComponent encodeURI " +
    "encodeURIComponent escape unescape Infinity NaN undefined Number Boolean String Math Reflect Symbol eval " +
    "globalThis BigInt JSON RegExp Map Set WeakMap WeakSet Date";
  Object.getOwnPropertyNames(global).forEach(function (name) {
    if (known.split(" ").indexOf(name) < 0) delete global[name];
  });

  function plain(value) {
    // An Error has no members that JSON would show.
    if (typeof value === "object" && value !== null && "stack" in value && "name" in value && "message" in value) {
      return { error: value.name, message: value.message };
    }
    return value;
  }

  global.emit = function (key, value) {
    rows.push([key, plain(value)]);
  };
  global.sum = function (values) {
    var total = 0;
    for (var name in values) total += values[name];
    return total;
  };
  global.log = function (message) {
    told.push(String(typeof message === "string" ? message : stringify(plain(message))));
  };
  global.isArray = function (value) {
    return described.call(value) === "[object Array]";
  };
  global.toJSON = stringify;

  function seal(value) {
    freeze(value);
    for (var name in value) {
      var member = value[name];
      if (typeof member === "object" && member !== null) seal(member);
    }
  }

  // --- require: modules are texts inside the design document -------------------------------------

  function refuse(reason) {
    throw ["error", "invalid_require_path", reason];
  }

  function located(path, folder) {
    var names = path.split("/");
    var place = names[0] === "." || names[0] === ".." ? folder.slice() : [];
    names.forEach(function (name) {
      if (name === "..") {
        if (place.length === 0) refuse("Nothing is above " + path);
        place.pop();
      } else if (name !== ".") {
        place.push(name);
      }
    });
    return place;
  }

  function offer(root) {
    var loaded = Object.create(null);

    function load(path, folder) {
      var place = located(path, folder);
      var id = place.join("/");
      if (id in loaded) return loaded[id];
      var text = place.reduce(function (part, name) {
        if (part[name] === undefined) refuse('Object has no property "' + name + '"');
        return part[name];
      }, root);
      if (typeof text !== "string") refuse("Must require a JavaScript string, not: " + stringify(text));
      var inside = place.slice(0, -1);
      var module = { id: id, exports: {} };
      loaded[id] = {}; // what a circle of modules sees
      var body = evaluate("(function (module, exports, require) { " + text + "\n })");
      body.call(global, module, module.exports, function (name) {
        return load(name, inside);
      });
      return (loaded[id] = module.exports);
    }

    global.require = function (path) {
      return load(path, []);
    };
  }

  // --- the operations ---------------------------------------------------------------------------

  function failure(error) {
    // Most errors of a function only cost its result; these stop the whole operation.
    if (error === "fatal_error") return ["map_runtime_error", "function raised 'fatal_error'"];
    if (global.isArray(error) && error[0] === "fatal") return [String(error[1]), String(error[2])];
    if (error && error.name === "InternalError") return [error.name, String(error.message)];
    return null;
  }

  function attempt(instead, what, action) {
    try {
      return action();
    } catch (error) {
      var fatal = failure(error);
      if (fatal) throw ["fatal", fatal[0], fatal[1]];
      told.push("function raised exception (" + String(error) + ")" + what);
      return instead;
    }
  }

  function emitted(run, document) {
    rows = [];
    return attempt([], " with doc._id " + document._id, function () {
      run(document);
      return rows;
    });
  }

  // Sizes count what CouchDB sends to its query server and gets back, brackets and names included.
  function reduced(keys, values, rereduce, size) {
    var result = attempt(null, "", function () {
      return functions[0](keys, values, rereduce);
    });
    var text = stringify([result]);
    if (text.length > overflow.most && text.length * 2 > size) {
      var message =
        "Reduce output must shrink more rapidly: input size: " + size + " output size: " + text.length;
      var instead = {};
      instead[overflow.name] = message;
      return stringify(instead);
    }
    return text.slice(1, -1);
  }

  function broken(values) {
    for (var index = 0; index < values.length; index++) {
      var value = values[index];
      if (value !== null && typeof value === "object" && overflow.name in value) return value;
    }
    return null;
  }

  var operations = {
    // [document] -> [[rows of the first function], [rows of the second], …] for each
    map: function (document) {
      seal(document);
      return stringify(
        functions.map(function (run) {
          return emitted(run, document);
        })
      );
    },
    // [size, [[[key, id], value], …]] -> the reduced value, for each
    reduce: function (portion) {
      var pairs = portion[1];
      var keys = pairs.map(function (pair) { return pair[0]; });
      var values = pairs.map(function (pair) { return pair[1]; });
      return reduced(keys, values, false, portion[0] + 16);
    },
    // [size, [reduced values]] -> the reduced value, for each
    rereduce: function (portion) {
      var before = broken(portion[1]);
      return before ? stringify(before) : reduced(null, portion[1], true, portion[0] + 18);
    },
    // [[document, request]] -> whether the function lets it pass, for each
    filter: function (pair) {
      return functions[0](pair[0], pair[1]) ? "true" : "false";
    },
    // [[new document, old one, user, security]] -> null, or what the function threw, for each
    validate: function (subject) {
      try {
        functions[0].apply(global, subject);
        return "null";
      } catch (error) {
        if (error && (error.forbidden !== undefined || error.unauthorized !== undefined)) return stringify(error);
        throw error;
      }
    },
  };

  function run(name, texts) {
    var operation = operations[name];
    var results = [];
    var problem = null;
    told = [];
    try {
      var items = parse(texts);
      for (var index = 0; index < items.length; index++) {
        results.push(operation(items[index]));
      }
    } catch (error) {
      problem = failure(error) || [(error && error.name) || "unnamed_error", String((error && error.message) || error)];
    }
    // join makes a flat text; `+` would make a rope, which the Python side cannot read
    return ['{"results":[', results.join(","), '],"log":', stringify(told), ',"failure":', stringify(problem), "}"].join("");
  }

  function add(source) {
    var compiled = evaluate(source);
    if (typeof compiled !== "function") throw "Expression does not eval to a function.";
    functions.push(compiled);
  }

  return { add: add, offer: function (text) { offer(parse(text)); }, run: run };
})(globalThis, (0, eval)("(function () { return eval(arguments[0]); })"));
