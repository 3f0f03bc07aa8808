"""A page, parsed."""

from html.parser import HTMLParser

EMPTY_TAGS = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """A parsed page: texts by element, tables by caption, attributes, and what was not closed."""

    def __init__(self, html):
        super().__init__()
        self.open, self.texts, self.attributes, self.tables, self.wrong = [], [], [], [], []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag not in EMPTY_TAGS:
            self.open.append(tag)
        self.attributes += [(tag, name, value) for name, value in attributes]
        if tag == "table":
            self.tables.append({"caption": "", "rows": []})
        if tag == "tr":
            self.tables[-1]["rows"].append([])
        if tag in ("td", "th"):
            self.tables[-1]["rows"][-1].append("")

    def handle_startendtag(self, tag, attributes):
        self.attributes += [(tag, name, value) for name, value in attributes]

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        self.texts.append((tuple(self.open), data))
        if "caption" in self.open:
            self.tables[-1]["caption"] += data
        elif {"td", "th"} & set(self.open):
            mark = "**" if "strong" in self.open else ""
            self.tables[-1]["rows"][-1][-1] += mark + data + mark

    def rows(self, caption):
        """Return the rows of the one table whose caption has these words, as {column: text}."""
        found = [table["rows"] for table in self.tables if caption in table["caption"]]
        assert len(found) == 1
        return [dict(zip(found[0][0], row, strict=True)) for row in found[0][1:]]

    def text(self, tag):
        """Return the text within elements of a tag, and all of it for `body`."""
        return " ".join(data for tags, data in self.texts if tag in tags)
