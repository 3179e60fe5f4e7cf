"""The files of a document as trees of lines, each by the grammar of the program that reads it."""

from device_templates.linux_frr.reading.syntax.node import Node
from device_templates.linux_frr.reading.syntax.trees import Kind, kind_of, tree, trees

__all__ = ["Kind", "Node", "kind_of", "tree", "trees"]
