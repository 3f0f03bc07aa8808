"""JSON schemas of the files of a configuration, for editors; made from their models."""

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue

from plmbench.study.entries import FILES, adapter

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class EditorSchema(GenerateJsonSchema):
    """A schema of what stands in a file: no key has the value null, and titles say nothing new."""

    def nullable_schema(self, schema: Any) -> JsonSchemaValue:
        """Return the schema of the value: a key that may be left out has no null in its place."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> JsonSchemaValue:
        """Return the schema with its default, unless that is to be absent."""
        if schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def dict_schema(self, schema: Any) -> JsonSchemaValue:
        """Return the schema of a mapping from names of a pattern to entries."""
        names = self.generate_inner(schema["keys_schema"])
        entries = self.generate_inner(schema["values_schema"])
        return {"type": "object", "propertyNames": names, "additionalProperties": entries}

    def field_title_should_be_set(self, schema: Any) -> bool:
        """Return that no field has a title: it would be its key."""
        return False


def schema_of(file: str) -> dict[str, Any]:
    """Return the JSON schema of config/<file>.yaml."""
    schema = adapter(file).json_schema(schema_generator=EditorSchema)
    return {"$schema": DIALECT, "title": f"config/{file}.yaml"} | schema


def schema_texts() -> dict[str, str]:
    """Return {name of the file: its text} of every schema."""
    return {
        f"{file}.schema.json": json.dumps(schema_of(file), indent=2, ensure_ascii=False) + "\n"
        for file in FILES
    }
