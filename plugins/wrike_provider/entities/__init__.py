"""What is taken from Wrike: one declaration per entity."""

from wrike_provider.entities.catalogue import CATALOGUE, entity
from wrike_provider.entities.model import Child, Column, Entity, Type

__all__ = ["CATALOGUE", "Child", "Column", "Entity", "Type", "entity"]
