"""Given and family names to draw from; frequencies roughly as in the northwest."""

from random import Random

FAMILY = "王李张刘陈杨马赵高何魏郭孙朱周吴徐胡石韩曹田董许罗任薛苏宋牛贾康雷常安"
MALE = "建国军强伟明平涛鹏宏志永生福贵学文海龙兴旺天佑玉龙宝成世林百顺效忠正义小东彦斌金山"
FEMALE = "秀英桂兰红霞玉梅淑芳翠萍丽娟小燕春花彩云巧玲雪琴凤莲月娥爱香雅婷晓艳文静"
HAMLETS = ("上湾社", "下湾社", "大坪社", "阳山社", "阴山社", "老庄社", "新庄社", "沟口社")


def family_name(rng: Random) -> str:
    return rng.choice(FAMILY)


def given_name(rng: Random, sex: str) -> str:
    """One or two characters."""
    pool = MALE if sex == "1" else FEMALE
    return "".join(rng.sample(pool, rng.choices((1, 2), (1, 3))[0]))
