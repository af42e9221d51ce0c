"""What every section of the model file is."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A section of the model file: frozen, strict about unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)
