"""Files of code to which pages link, shown as pages of the site."""

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.parsers import Parser


class CodeParser(Parser):
    """A file of code as a page: its name and its text; not in the contents, and not searched."""

    supported = ("python",)

    def parse(self, inputstring: str, document: nodes.document) -> None:
        """Make the page."""
        env = document.settings.env
        name = f"{env.docname}.py"
        section = nodes.section(ids=["code"], names=["code"])
        section += nodes.title(name, "", nodes.literal(name, name))
        section += nodes.literal_block(inputstring, inputstring, language="python", linenos=True)
        document += section
        env.metadata[env.docname].update(orphan="", nosearch="")


def setup(app: Sphinx) -> dict[str, bool]:
    """Say to Sphinx what is here."""
    app.add_source_suffix(".py", "python")
    app.add_source_parser(CodeParser)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
